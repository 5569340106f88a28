import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
import sys

server.shell(name="boom", commands=["exit 3" if host.name == "h1" else "true"])


def cb():
    sys.exit(0)


python.call(name="call", function=cb)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
