import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
M = os.environ["CASE_MARK"]


def cb():
    server.shell(name="n", commands=[f"sleep 61.{M}; echo nested went on >> {T}"])
    server.shell(name="after-nested", commands=[f"echo {host.name} after-nested >> {T}"])


python.call(name="call", function=cb, _timeout=1, _ignore_errors=True)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
