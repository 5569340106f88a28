import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
for i in range(50):
    server.shell(name=f"op {i}", commands=["echo " + "x" * 2000])
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
