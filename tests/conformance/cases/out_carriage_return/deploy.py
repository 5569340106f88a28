import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


r = server.shell(name="s", commands=["printf 'a\\rb\\fc\\vd\\n'; printf 'e\\342\\200\\250f\\n'"])


def cb():
    note(len(r.stdout_lines))


python.call(name="call", function=cb)
