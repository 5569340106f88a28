import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra import inventory
from pyinfra.facts.server import User

server.shell(name="s", commands=[f"echo {inventory.get_host('h2').get_fact(User)} >> {T}"])
