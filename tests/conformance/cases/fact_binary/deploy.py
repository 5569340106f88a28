import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import FactBase


class Bin(FactBase):
    command = r"printf 'a\n\377\nb\n'"

    def process(self, output):
        return f"{len(list(output))} {output[-1]}"


server.shell(name="s", commands=[f"echo {host.get_fact(Bin)} >> {T}"])
