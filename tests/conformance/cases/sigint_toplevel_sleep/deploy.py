import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


import time

note("started")
time.sleep(60)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
