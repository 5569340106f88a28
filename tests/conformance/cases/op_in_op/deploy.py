import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import operation


@operation()
def outer():
    server.shell(name="inside", commands=[f"echo inside >> {T}"])
    yield f"echo outer >> {T}"


outer(name="outer")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
