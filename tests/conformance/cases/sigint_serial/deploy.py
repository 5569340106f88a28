import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
M = os.environ["CASE_MARK"]
server.shell(name="slow", commands=[f"echo started >> {T}; sleep 61.{M}; echo ran-on >> {T}"])
