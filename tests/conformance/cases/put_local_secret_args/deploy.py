import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.operations import files


from io import StringIO

server.shell(name="watch", commands=[f"(for i in 1 2 3 4 5 6 7 8 9 10; do ps axww; sleep 0.05; done) > {T}.ps 2>&1 &"])
files.put(name="put", src=StringIO("s3cr3t-plum-9912"), dest=T + ".f", mode="600")
server.shell(name="wait", commands=["sleep 0.6"])
