"""Programs of a fake host that let somebody in: ``sudo``, ``su``, ``doas``, ``dzdo``, as the engine calls them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from ropewalk.model.record import record

#: What ``sudo -i`` is given: a command line in which every byte that means something is a number.
_ENCODED = re.compile(r'eval "`printf %b \'([^\']*)\'`"')
_NUMBER = re.compile(r"\\0([0-7]{3})")
_SU_WITH_SHELL = 'shell=$(command -v "$1")'


@record
class Login:
    """Somebody else a program is to run as.

    :ivar program: what decides: ``sudo`` ...
    :ivar argv: what to run as ``user``.
    :ivar prompt: what the program asks for a password with; ``None`` if it asks for none.
    """

    program: str
    user: str
    argv: list[str]
    prompt: str | None


def login(argv: Sequence[str], prompt: str = "Password: ") -> Login | None:
    """Read a command line that begins with one of the programs; ``None`` if it begins with another.

    >>> login(["doas", "-n", "-u", "app", "sh"]).user
    'app'
    """
    match list(argv):
        case ["env", word, *rest] if word.startswith("SUDO_PROMPT="):
            return login(rest, word.partition("=")[2])
        case ["sudo", *rest]:
            at = rest.index("--")
            return Login("sudo", _option(rest[:at]), _decoded(rest[at + 1 :]), prompt)
        case ["doas" | "dzdo" as program, *rest]:
            user = _option(rest)
            while rest and rest[0].startswith("-"):
                rest = rest[2:] if rest[0] == "-u" else rest[1:]
            return Login(program, user, rest, None)
        case ["sh", "-c", script, "su", _, *rest] if script.startswith(_SU_WITH_SHELL):
            return login(["su", *rest])
        case ["su", *_, user, "-c", command]:
            return Login("su", user, shlex.split(command), "Password: ")
    return None


def _option(words: Sequence[str]) -> str:
    return words[words.index("-u") + 1] if "-u" in words else "root"


def _decoded(argv: list[str]) -> list[str]:
    """Return what a login shell would run."""
    found = _ENCODED.fullmatch(argv[-1]) if argv[:2] == ["sh", "-c"] else None
    if found is None:
        return argv
    text = _NUMBER.sub(lambda number: chr(int(number[1], 8)), found[1]).encode("latin-1").decode(errors="replace")
    return shlex.split(text.removeprefix("exec "))
