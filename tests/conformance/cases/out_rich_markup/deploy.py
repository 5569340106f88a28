import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
server.shell(name="[bold]name[/bold] {x} %s [/]", commands=["echo '[red]out[/red] {y} %d'; exit 3"])
