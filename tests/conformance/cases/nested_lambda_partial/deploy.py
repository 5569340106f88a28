import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")

from functools import partial


class C:
    def m(self):
        note("method")

    def __call__(self):
        note("object")


def cb():
    pass


python.call(name="l", function=lambda: note("lambda"))
python.call(name="p", function=partial(note, "partial"))
python.call(name="m", function=C().m)
python.call(name="o", function=C())
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
