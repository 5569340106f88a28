import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
server.shell(name="boom", commands=["exit 3" if host.name == "h1" else "true"])
server.shell(name="once", commands=[f"echo once {host.name} >> {T}"], _run_once=True)
