import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.operations import files


from io import BytesIO

files.put(name="p", src=BytesIO(bytes(range(256)) * 12000), dest=T + ".f", _sudo=True)
server.shell(name="s", commands=[f"cksum < {T}.f | cut -d' ' -f2 >> {T}"])
