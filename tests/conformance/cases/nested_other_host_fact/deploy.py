import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")

from pyinfra import inventory
from pyinfra.api import FactBase


class Name(FactBase):
    command = "id -un"


def cb():
    other = inventory.get_host("h2")
    note(f"{host.name} sees {other.get_fact(Name)}")


if host.name == "h1":
    python.call(name="call", function=cb)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
