import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import OperationError, operation


@operation()
def bad():
    yield f"echo {host.name} first >> {T}"
    if host.name == "h1":
        raise OperationError("cannot-42")
    yield f"echo {host.name} second >> {T}"


bad(name="bad")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
