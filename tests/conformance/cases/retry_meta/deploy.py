import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


r = server.shell(name="s", commands=[f"echo try >> {T}; test $(grep -c try {T}) -ge 3"], _retries=4, _retry_delay=0)


def cb():
    note(f"{r.retry_attempts} {r.max_retries} {r.was_retried} {r.retry_succeeded} {r.did_succeed()}")


python.call(name="call", function=cb)
