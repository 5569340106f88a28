import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
from pyinfra.operations import files


server.shell(name="mk", commands=[f"echo x > {T}.src.h2"])
files.get(name="get", src=f"{T}.src.{host.name}", dest=f"{T}.got.{host.name}")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
