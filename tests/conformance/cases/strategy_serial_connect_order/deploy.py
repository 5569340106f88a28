import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
server.shell(name="a", commands=[f"echo a {host.name} >> {T}"], _serial=True)
server.shell(name="b", commands=[f"echo b {host.name} >> {T}"], _serial=True)
