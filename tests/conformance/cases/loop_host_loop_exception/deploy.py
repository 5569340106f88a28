import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
try:
    for i in host.loop(range(2)):
        for j in host.loop("ab"):
            server.shell(name=f"L{i}{j}", commands=[f"echo {host.name} {i}{j} >> {T}"])
            if host.name == "h1" and j == "b":
                raise ValueError
except ValueError:
    pass
server.shell(name="once", commands=[f"echo once >> {T}"], _run_once=True)
