"""Stand-ins for kubectl, lxc and incus: they take the words these document, refuse others, and run the command here."""

from __future__ import annotations

import sys
from pathlib import Path

# A client passes a terminal on: the command has another one. Its own is transparent already; pty.spawn would make it so
# once more, and drop what has been typed meanwhile, which these clients do not.
_PROGRAM = """#!{python} -IS
import argparse, os, pty, sys
words = sys.argv[1:]
end = words.index("--")
parser = argparse.ArgumentParser(allow_abbrev=False, prog={name!r})
{options}
given = parser.parse_args(words[:end])
if given.host != "web":
    sys.exit({missing!r})
if {tty}:
    pid, master = pty.fork()
    if pid == 0:
        os.execvp(words[end + 1], words[end + 1:])
    pty._copy(master, pty._read, pty._read)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    sys.exit(status if status >= 0 else 128 - status)
os.execvp(words[end + 1], words[end + 1:])
"""

_KUBECTL = """
parser.add_argument("--context", choices=["test"])
parser.add_argument("--namespace", choices=["shop"], required=True)
parser.add_argument("command", choices=["exec"])
parser.add_argument("-q", "--quiet", action="store_true", required=True)
parser.add_argument("-i", "--stdin", action="store_true", required=True)
parser.add_argument("-t", "--tty", action="store_true")
parser.add_argument("-c", "--container", choices=["nginx"])
parser.add_argument("host")
"""

_LXC = """
parser.add_argument("command", choices=["exec"])
parser.add_argument("--project", choices=["shop"])
parser.add_argument("--mode", choices=["interactive", "non-interactive"], required=True)
parser.add_argument("host")
"""

_CLIENTS = {
    "kubectl": (_KUBECTL, 'Error from server (NotFound): pods "gone" not found', "given.tty"),
    "lxc": (_LXC, "Error: Instance not found", "given.mode == 'interactive'"),
    "incus": (_LXC, "Error: Failed to fetch instance: Instance not found", "given.mode == 'interactive'"),
}

#: The address of the one host that each knows, by connector.
ADDRESSES = {
    "kubectl": "@kubectl/test/shop/web:nginx",
    "lxd": "@lxd/web",
    "incus": "@incus/web",
}


def install(directory: Path) -> None:
    """Write the stand-ins into a directory, which the caller puts first in ``PATH``."""
    directory.mkdir(exist_ok=True)
    for name, (options, missing, tty) in _CLIENTS.items():
        text = _PROGRAM.format(python=sys.executable, name=name, options=options, missing=missing, tty=tty)
        (directory / name).write_text(text)
        (directory / name).chmod(0o755)
