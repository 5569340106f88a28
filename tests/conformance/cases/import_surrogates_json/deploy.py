import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
server.shell(name=os.fsdecode(b"na\xffme"), commands=["exit 3"])
