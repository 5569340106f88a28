import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
class Odd(Exception):
    def __str__(self):
        raise RuntimeError("no text")


if host.name == "h1":
    raise Odd()
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
