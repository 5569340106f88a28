import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.facts.files import File

host.get_fact(File, pathh="/etc")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
