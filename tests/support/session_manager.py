"""A stand-in for the AWS CLI with its session-manager plugin: it takes the words these document, and refuses others.

One instance is known; its port 22 is a server of this machine. As the real one does, the CLI starts the plugin, which
has its standard input and output.
"""

from __future__ import annotations

import sys
from pathlib import Path

INSTANCE = "i-0123456789abcdef0"

_AWS = """#!{python} -IS
import argparse, os, subprocess, sys
parser = argparse.ArgumentParser(allow_abbrev=False, prog="aws")
parser.add_argument("--profile", choices=["shop", "b' $x"])
parser.add_argument("--region", choices=["eu-central-1"])
parser.add_argument("service", choices=["ssm"])
parser.add_argument("operation", choices=["start-session"])
parser.add_argument("--target", required=True)
parser.add_argument("--document-name", choices=["AWS-StartSSHSession", "Own"], required=True)
parser.add_argument("--parameters", choices=["portNumber=22"], required=True)
given = parser.parse_args()
with open({log!r}, "a") as log:
    print(sys.argv[1:], file=log)
if given.target != {instance!r}:
    error = "An error occurred (TargetNotConnected) when calling the StartSession operation: "
    print("\\n" + error + given.target + " is not connected.", file=sys.stderr)
    sys.exit(254)
plugin = os.path.join(os.path.dirname(__file__), "session-manager-plugin")
if not os.path.exists(plugin):
    print("\\nSessionManagerPlugin is not found. Please refer to SessionManager Documentation", file=sys.stderr)
    sys.exit(255)
sys.exit(subprocess.call([plugin]))
"""

_PLUGIN = """#!{python} -IS
import os, socket, threading
there = socket.create_connection(("127.0.0.1", {port}))
def send():
    while data := os.read(0, 65536):
        there.sendall(data)
    os._exit(0)
threading.Thread(target=send, daemon=True).start()
while data := there.recv(65536):
    while data:
        data = data[os.write(1, data):]
"""


def install(directory: Path, port: int) -> Path:
    """Write the stand-in into a directory, which the caller puts first in ``PATH``; return its log of words."""
    directory.mkdir(exist_ok=True)
    log = directory / "words"
    texts = {"aws": _AWS, "session-manager-plugin": _PLUGIN}
    for name, text in texts.items():
        made = text.format(python=sys.executable, instance=INSTANCE, port=port, log=str(log))
        (directory / name).write_text(made)
        (directory / name).chmod(0o755)
    return log
