import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra import config

server.shell(name="s", commands=[f"id -un >> {T}"])
config.SUDO = False
server.shell(name="s2", commands=[f"id -un >> {T}"])
