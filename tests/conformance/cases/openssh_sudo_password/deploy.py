import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
server.shell(name="s", commands=[f"id -un >> {T}"], _sudo=True, _sudo_password=os.environ["CASE_PASSWORD"])
