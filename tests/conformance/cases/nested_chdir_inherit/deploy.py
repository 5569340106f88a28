import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")

from pyinfra.api import FactBase


class Pwd(FactBase):
    command = "pwd"


def cb():
    server.shell(name="s", commands=[f"pwd >> {T}"])
    note(host.get_fact(Pwd))
    server.shell(name="s2", commands=[f"pwd >> {T}"], _chdir="/usr")


python.call(name="call", function=cb, _chdir="/etc")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
