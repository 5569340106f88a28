"""Text that has to arrive as it is, whatever a shell, grep, sed or awk makes of it elsewhere."""

from __future__ import annotations

HOSTILE = [
    "plain",
    "with space",
    "-n",
    "--help",
    "it's",
    'say "hi"',
    "$HOME `id` $(id)",
    "back\\slash\\n",
    "star * ? [a-z]",
    "semi;colon & amp | pipe > out",
    "a.b+c(d){e}^f$",
    "slash/es//",
    "ünïcödé ☃",
    "tab\there",
    "!bang",
    "%s %d",
    "&",
    "#",
]
#: Names of files: as above, but for the slash.
NAMES = [name for name in HOSTILE if "/" not in name]
