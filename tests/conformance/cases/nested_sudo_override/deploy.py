import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


def cb():
    server.shell(name="s", commands=[f"id -un >> {T}"], _sudo=False)
    server.shell(name="s2", commands=[f"id -un >> {T}"])


python.call(name="call", function=cb, _sudo=True)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
