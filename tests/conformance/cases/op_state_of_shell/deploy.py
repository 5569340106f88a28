import os

from pyinfra import host
from pyinfra.operations import server

T = os.environ["TRACE"]  # every executed command appends a line to this file
server.shell(name="s", commands=["cd /etc; A=1; export A; set -e; umask 077; trap 'exit 9' EXIT; true; trap - EXIT", "exec >/dev/null 2>&1; echo x", f"echo \"${{A:-none}} $(pwd | grep -c etc)\" >> {T}"])
server.shell(name="later", commands=[f"echo {host.name} later >> {T}"])
