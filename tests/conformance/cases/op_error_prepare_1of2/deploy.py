import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import OperationError, operation


@operation()
def bad():
    if host.name == "h1":
        raise OperationError("cannot-42")
    yield f"echo {host.name} bad >> {T}"


bad(name="bad")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
