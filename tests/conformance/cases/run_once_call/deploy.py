import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def cb():
    server.shell(name="n", commands=[f"echo {host.name} nested >> {T}"])


python.call(name="call", function=cb, _run_once=True)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
