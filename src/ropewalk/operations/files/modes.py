"""File modes: the spellings that operations accept, and what a mode makes of the one that is there.

Symbolic modes are those of chmod(1) in POSIX. They are worked out here, so that a plan can tell whether they
change anything; where no ``ugoa`` is given, chmod heeds the umask, and 022 is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ropewalk.model.errors import OperationValueError

_SYMBOLIC = re.compile(r"[ugoa]*([-+=]([rwxXst]*|[ugo]))+(,[ugoa]*([-+=]([rwxXst]*|[ugo]))+)*")
_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)")
_ACTION = re.compile(r"([-+=])([ugo]|[rwxXst]*)")

_OF = {"u": 0o4700, "g": 0o2070, "o": 0o1007, "a": 0o7777}
_SHIFT = {"u": 6, "g": 3, "o": 0}
_BITS = {"r": 0o444, "w": 0o222, "x": 0o111, "s": 0o6000, "t": 0o1000}
_SET_ID = 0o6000
_UMASK = 0o022


def normalise(mode: int | str | None) -> str | None:
    """Return a mode as octal digits without leading zeros, or as it is when symbolic.

    ``644``, ``"644"``, ``"0644"`` and ``"0o644"`` all mean ``rw-r--r--``. An integer's decimal digits count:
    Python's ``0o644`` is the number 420, and is taken for ``r---w----``.

    :raises OperationValueError: it is neither.

    >>> normalise(644), normalise("0o644"), normalise("u+x")
    ('644', '644', 'u+x')
    """
    if mode is None:
        return None
    text = str(mode).strip()
    digits = text.lower().removeprefix("0o")
    if not isinstance(mode, bool) and re.fullmatch(r"[0-7]+", digits) and len(digits.lstrip("0")) <= 4:
        return digits.lstrip("0") or "0"
    if isinstance(mode, str) and _SYMBOLIC.fullmatch(text):
        return text
    hint = 'write octal digits as 644 or "644", or chmod\'s symbols as "u+x"'
    if isinstance(mode, int) and not isinstance(mode, bool) and mode > 0:
        hint += f'; Python reads the literal {mode:#o} as the number {mode}: "{mode:#o}" in quotes works'
    raise OperationValueError(f"{mode!r} is not a file mode", hint=hint)


def result(wanted: str, have: int | str, *, directory: bool = False) -> str:
    """Return the octal digits that a file of mode ``have`` has once ``wanted`` is applied to it.

    As with GNU chmod, octal digits may set the set-user-ID and set-group-ID bits of a directory but do not take
    them away, and ``=`` leaves them unless it mentions ``s``.

    :param wanted: a mode from :func:`normalise`.
    :param have: octal digits, as facts give them.

    >>> result("u+x,go-w", 664), result("755", 2700, directory=True)
    ('744', '2755')
    """
    mode = int(str(have), 8)
    if wanted.isdigit():
        kept = mode & _SET_ID if directory else 0
        return f"{int(wanted, 8) | kept:o}"
    for who, action, what in _actions(wanted):
        mode = _apply(mode, who, action, what, directory)
    return f"{mode:o}"


def command_form(after: str, have: int | str) -> str:
    """Return the octal mode ``after`` as chmod has to be given it for a file of mode ``have``.

    Where set-ID bits go away it has five digits: fewer do not take them from a directory in GNU chmod.

    >>> command_form("755", 2755), command_form("755", 700)
    ('00755', '755')
    """
    return after.zfill(5) if int(str(have), 8) & _SET_ID & ~int(after, 8) else after


def has_special_bits(mode: str) -> bool:
    """Return whether an octal mode sets the set-ID bits, which chown takes away."""
    return mode.isdigit() and bool(int(mode, 8) & _SET_ID)


def _actions(symbolic: str) -> Iterator[tuple[str, str, str]]:
    for who, actions in _CLAUSE.findall(symbolic):
        for action, what in _ACTION.findall(actions):
            yield who, action, what


def _apply(mode: int, who: str, action: str, what: str, directory: bool) -> int:
    affected = 0
    for letter in who or "a":
        affected |= _OF[letter]
    bits = _bits(mode, what, directory) & affected
    if not who:
        bits &= ~_UMASK
    if action == "+":
        return mode | bits
    if action == "-":
        return mode & ~bits
    cleared = affected & ~_SET_ID if directory and "s" not in what else affected
    return (mode & ~cleared) | bits


def _bits(mode: int, what: str, directory: bool) -> int:
    if what in _SHIFT:
        return ((mode >> _SHIFT[what]) & 7) * 0o111
    bits = 0
    for letter in what:
        if letter == "X":
            bits |= 0o111 if directory or mode & 0o111 else 0
        else:
            bits |= _BITS[letter]
    return bits
