import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.operations import files


os.chdir("/")
files.put(name="p", src="payload.txt", dest=T + ".f")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
