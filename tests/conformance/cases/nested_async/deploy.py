import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


def cb():
    note("called")



async def acb():
    note('acalled')


python.call(name="call", function=acb)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
