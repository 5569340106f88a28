import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api.deploy import deploy


@deploy("Inner")
def inner():
    server.shell(name="s", commands=[f"echo $FRUIT $COLOR $(pwd) >> {T}"])


@deploy("Outer")
def outer():
    inner(_env={"COLOR": "red"})
    inner(_chdir="/usr")


outer(_env={"FRUIT": "plum"}, _chdir="/etc")
