import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.facts.server import User

server.shell(name="a", commands=[f"id -un >> {T}"], _sudo=True, _sudo_password=os.environ["CASE_PASSWORD"])
server.shell(name="b", commands=[f"id -un >> {T}"], _sudo=True, _sudo_password=os.environ["CASE_PASSWORD"])
who = host.get_fact(User, _sudo=True, _sudo_password=os.environ["CASE_PASSWORD"])
server.shell(name="c", commands=[f"echo {who} >> {T}"])
