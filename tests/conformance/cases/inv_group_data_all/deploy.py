import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
d = host.data
server.shell(name="s", commands=[f"echo {d.a} {d.b} {d.c} {d.d} >> {T}"])
