import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


def cb():
    note("try")
    server.shell(name="n", commands=[f"test $(grep -c try {T}) -ge 2"])


python.call(name="call", function=cb, _retries=2, _retry_delay=0)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
