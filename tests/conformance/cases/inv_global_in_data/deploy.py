import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.facts.server import User

server.shell(name="s", commands=[f"echo $FRUIT $(id -un) {host.get_fact(User)} >> {T}"])
