import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.facts.files import File

server.shell(name="touch", commands=[f"touch {T}.f"])
server.shell(name="s", commands=[f"echo there >> {T}"], _if=lambda: host.get_fact(File, path=T + ".f"))
server.shell(name="s2", commands=[f"echo not-there >> {T}"], _if=lambda: not host.get_fact(File, path=T + ".f"))
