import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.operations import files


p = T + ".a\nb'c\"d$HOME"
files.put(name="put", src="payload.txt", dest=p)
files.line(name="line", path=p, line="added $HOME 'x'")
files.file(name="file", path=p, mode="600")
server.shell(name="count", commands=[f"cat {T}.a*HOME | wc -l >> {T}"])
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
