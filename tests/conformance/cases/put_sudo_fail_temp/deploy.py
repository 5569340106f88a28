import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.operations import files


from io import StringIO

M = os.environ["CASE_MARK"]
files.put(name="put", src=StringIO(f"s3cr3t {M}"), dest="/proc/nope/file", _sudo=True, create_remote_dir=False)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
