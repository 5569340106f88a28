import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")

from pyinfra.operations import files


def all_of_them():
    return [
        files.directory(path=T + ".d", mode="750"),
        files.file(path=T + ".d/f", mode="640"),
        files.line(path=T + ".d/f", line="hello $x 'y'"),
        files.block(path=T + ".d/f", content="a\nb"),
        files.link(path=T + ".d/l", target=T + ".d/f"),
        files.replace(path=T + ".d/f", text="hello", replace="bye"),
    ]


one = all_of_them()
two = all_of_them()


def cb():
    note(" ".join(str(o.did_change()) for o in one))
    note(" ".join(str(o.did_change()) for o in two[:2] + two[3:5]))


python.call(name="call", function=cb)
