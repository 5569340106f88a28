import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
server.shell(name="s", commands=["printf '\\377\\n'; head -c 3000000 /dev/zero | tr '\\0' 'x' | fold -w 100"])
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
