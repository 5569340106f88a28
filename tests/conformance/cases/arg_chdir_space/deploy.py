import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
server.shell(name="mk", commands=[f'mkdir "{T} it\'s"'])
server.shell(name="s", commands=[f'basename "$PWD" | grep -c it >> {T}'], _chdir=T + " it's")
