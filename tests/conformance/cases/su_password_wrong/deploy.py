import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
server.shell(name="a", commands=["true"], _su_user=os.environ["CASE_SSH_PW_USER"], _su_password="wrong-9912")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
