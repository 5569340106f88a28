import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
server.shell(name="s", commands=[f"echo c1 >> {T}", "exit 3", f"echo c3 >> {T}"], _continue_on_error=True)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
