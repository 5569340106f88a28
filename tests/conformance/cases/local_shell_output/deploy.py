import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
def note(line):
    with open(T, "a") as f:
        f.write(f"{line}\n")


from pyinfra import local

out = local.shell("echo one; echo two", splitlines=True)
server.shell(name="s", commands=[f"echo {' '.join(out)} >> {T}"])
if host.name == "h1":
    local.shell("echo why-42 >&2; exit 3")
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
