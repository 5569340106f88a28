import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api.deploy import deploy


@deploy("Inner", data_defaults={"b": "inner", "c": "inner"})
def inner():
    server.shell(name="s", commands=[f"echo {host.data.a} {host.data.b} {host.data.c} {host.data.d} >> {T}"])


@deploy("Outer", data_defaults={"a": "outer", "d": "outer"})
def outer():
    inner()


outer()
server.shell(name="after", commands=[f"echo {host.data.get('a', 'gone')} {host.data.d} >> {T}"])
