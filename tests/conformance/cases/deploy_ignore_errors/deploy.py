import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api.deploy import deploy


@deploy("D")
def d():
    server.shell(name="s", commands=["exit 3"])
    server.shell(name="s2", commands=[f"echo after >> {T}"])


d(_ignore_errors=True)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
