import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")

from pyinfra.operations import files
from pyinfra.operations.util import all_changed, any_changed


def cb():
    a = server.shell(name="a", commands=["true"])
    b = files.directory(name="b", path="/tmp")
    note(f"{a.did_change()} {b.did_change()}")
    server.shell(name="any", commands=[f"echo any >> {T}"], _if=any_changed(a, b))
    server.shell(name="all", commands=[f"echo all >> {T}"], _if=all_changed(a, b))


python.call(name="call", function=cb)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
