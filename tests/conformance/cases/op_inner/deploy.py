import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import operation
from pyinfra.operations import files


@operation()
def outer():
    yield f"echo outer >> {T}"
    yield from files.directory._inner(path=T + ".dir", mode="750")
    yield from server.shell._inner(commands=[f"ls -d {T}.dir >/dev/null && echo there >> {T}"])


outer(name="outer")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
