import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
server.shell(name="a", commands=["exit 3"], _ignore_errors=True)
server.shell(name="b", commands=["true"], _if=lambda: False)
server.shell(name="c", commands=[f"echo try >> {T}; test $(grep -c try {T}) -ge 2"], _retries=1, _retry_delay=0)
server.shell(name="d", commands=["true"], _run_once=True)
