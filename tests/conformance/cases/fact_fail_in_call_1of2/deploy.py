import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import FactBase


class Bad(FactBase):
    def command(self):
        return "exit 3" if host.name == "h1" else "echo good"


def cb():
    v = host.get_fact(Bad)
    with open(T, "a") as f:
        f.write(f"{host.name} {v}\n")


python.call(name="call", function=cb)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
