import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import operation


@operation
def op():
    yield f"echo op >> {T}"


op(name="op")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
