import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.api import HiddenValue, StringCommand

server.shell(name="a", commands=[StringCommand("echo", HiddenValue("s3cr3t-plum-9912"))])
