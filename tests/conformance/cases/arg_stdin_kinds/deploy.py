import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from io import StringIO

server.shell(name="l", commands=[f"cat >> {T}"], _stdin=["a", "b"])
server.shell(name="s", commands=[f"cat >> {T}"], _stdin=StringIO("c\nd\n"))
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
