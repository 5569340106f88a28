import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
server.shell(name="s", commands=["printf 'x\\000y\\n'; set; env; printf '\\033]0;title\\007'; ps axww"])
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
