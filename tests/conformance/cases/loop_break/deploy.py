import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
for i in host.loop(range(3)):
    server.shell(name=f"L{i}", commands=[f"echo {host.name} L{i} >> {T}"])
    if host.name == "h1":
        break
server.shell(name="once", commands=[f"echo once >> {T}"], _run_once=True)
