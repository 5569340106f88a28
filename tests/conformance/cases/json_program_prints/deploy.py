import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
import subprocess
import sys

subprocess.run(["echo", "noise"])
print("noise", file=sys.__stdout__)
os.write(1, b"noise\n")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
