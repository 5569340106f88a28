import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


import shared


def make():
    shared.TOKENS["t"] = "made-by-" + host.name


def use():
    note(f"{host.name} {shared.TOKENS['t']}")


python.call(name="make", function=make, _run_once=True)
python.call(name="use", function=use)
