import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.operations import files


files.put(name="p", src="payload.txt", dest=T + ".f")
files.template(name="t", src="payload.txt", dest=T + ".t")
files.directory(name="d", path=T + ".d")
files.line(name="l", path=T + ".l", line="x")
