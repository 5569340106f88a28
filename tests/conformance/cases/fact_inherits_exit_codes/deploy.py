import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import FactBase, operation


class F(FactBase):
    command = "echo fine"


@operation()
def op():
    v = host.get_fact(F)
    yield f"echo {v} >> {T}; exit 3"


op(name="op", _success_exit_codes=[3])
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
