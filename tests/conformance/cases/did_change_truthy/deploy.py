import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
a = server.shell(name="a", commands=["true"], _if=lambda: False)
if a.did_change:
    server.shell(name="never", commands=[f"echo never >> {T}"])
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
