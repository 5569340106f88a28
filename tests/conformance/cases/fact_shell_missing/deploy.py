import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import FactBase


class F(FactBase):
    command = "echo x"
    shell_executable = "nosuchsh"


host.get_fact(F)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
