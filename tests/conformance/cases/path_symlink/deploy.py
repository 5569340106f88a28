import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from mod import WORD

server.shell(name="s", commands=[f"echo {WORD} >> {T}"])
