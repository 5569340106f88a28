# -*- coding: utf-8 -*-
import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


r = server.shell(name="größe 日本", commands=["echo naïve; echo ünd"])


def cb():
    with open(T, "a", encoding="utf-8") as f:
        f.write(r.stdout_lines[0] + "\n")


python.call(name="call", function=cb)
