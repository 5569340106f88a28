import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


def cb():
    server.shell(name="n1", commands=[f"echo {host.name} n1 >> {T}"])
    if host.name == "h2":
        server.shell(name="bad-42", commands=["echo why-42 >&2; exit 3"])
    server.shell(name="n2", commands=[f"echo {host.name} n2 >> {T}"])


python.call(name="call", function=cb)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
