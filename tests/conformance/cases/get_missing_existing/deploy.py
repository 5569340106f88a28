import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.operations import files


files.get(name="get", src=T + ".nope", dest="mine.txt", force=True)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
