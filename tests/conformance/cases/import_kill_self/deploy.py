import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
import signal


def cb():
    os.kill(os.getpid(), signal.SIGTERM)


python.call(name="call", function=cb)
server.shell(name="slow", commands=["sleep 20"])
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
