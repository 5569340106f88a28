import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


def op(x):
    server.shell(name=x, commands=[f"echo {host.name} {x} >> {T}"])


def cb():
    for x in ("A", "B", "C") if host.name == "h1" else ("C", "B", "A"):
        if x == "A":
            server.shell(name="A", commands=[f"echo {host.name} A >> {T}"])
        elif x == "B":
            server.shell(name="B", commands=[f"echo {host.name} B >> {T}"])
        else:
            server.shell(name="C", commands=[f"echo {host.name} C >> {T}"])


python.call(name="call", function=cb)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
