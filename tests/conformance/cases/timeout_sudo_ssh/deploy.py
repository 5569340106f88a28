import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
M = os.environ["CASE_MARK"]
server.shell(name="slow", commands=[f"sleep 61.{M}"], _sudo=True, _timeout=1)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
