import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import FactBase, operation


class Bad(FactBase):
    def command(self, flag):
        return f"test ! -e {flag}.{host.name}"


@operation()
def op():
    host.get_fact(Bad, T)
    yield f"echo {host.name} op >> {T}"


server.shell(name="flag", commands=[f"touch {T}.h2" if host.name == "h2" else "true"])
op(name="op")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
