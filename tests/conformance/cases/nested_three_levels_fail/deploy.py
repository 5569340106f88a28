import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


def cb():
    def two():
        def three():
            server.shell(name="deep-42", commands=["exit 3"])
            server.shell(name="never", commands=[f"echo never >> {T}"])

        python.call(name="three", function=three)
        server.shell(name="never", commands=[f"echo never >> {T}"])

    python.call(name="two", function=two)
    server.shell(name="never", commands=[f"echo never >> {T}"])


python.call(name="call", function=cb)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
