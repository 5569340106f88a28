import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api.deploy import deploy


@deploy("D")
def d():
    server.shell(name="s", commands=[f"echo $FRUIT $COLOR >> {T}"], _env={"COLOR": "red"})


d(_env={"FRUIT": "plum"})
