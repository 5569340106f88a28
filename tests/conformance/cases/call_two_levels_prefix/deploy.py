import os

from pyinfra import host
from pyinfra.operations import python, server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def inner():
    server.shell(name="deep-ok", commands=["true"])
    server.shell(name="deep-bad", commands=["echo why-42 >&2; exit 3"])


def outer():
    python.call(name="inner-call", function=inner)
    server.shell(name="after-inner", commands=[f"echo {host.name} after-inner >> {T}"])


python.call(name="outer-call", function=outer)
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
