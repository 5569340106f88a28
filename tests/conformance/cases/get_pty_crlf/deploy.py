import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


r = server.shell(name="s", commands=["printf 'a\\nb\\n'"], _get_pty=True)


def cb():
    note(repr(r.stdout_lines))


python.call(name="call", function=cb)
