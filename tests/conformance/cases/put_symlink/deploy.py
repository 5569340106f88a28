import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.operations import files


server.shell(name="mk", commands=[f"echo old > {T}.target; ln -s {T}.target {T}.link"])
files.put(name="p", src="payload.txt", dest=T + ".link")
server.shell(name="s", commands=[f"cat {T}.target >> {T}; test -L {T}.link && echo link >> {T}"])
