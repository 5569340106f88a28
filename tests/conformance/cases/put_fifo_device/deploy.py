import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.operations import files


server.shell(name="mk", commands=[f"mknod {T}.null c 1 3"])
files.put(name="p", src="payload.txt", dest=T + ".null", force=True)
server.shell(name="s", commands=["true"])
