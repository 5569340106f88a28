import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra import local
from pyinfra.api.deploy import deploy


@deploy("D")
def d():
    local.include("inc.py")


d(_sudo=True)
