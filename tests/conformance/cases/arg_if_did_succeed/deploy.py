import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
a = server.shell(name="a", commands=["exit 3"], _ignore_errors=True)
server.shell(name="s", commands=[f"echo succeeded >> {T}"], _if=a.did_succeed)
server.shell(name="e", commands=[f"echo error >> {T}"], _if=a.did_error)
server.shell(name="n", commands=[f"echo unchanged >> {T}"], _if=a.did_not_change)
