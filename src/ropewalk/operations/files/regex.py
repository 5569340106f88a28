"""The regular expressions of grep(1) and sed(1), basic and extended: made to match whole lines, or literal text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ropewalk.model.errors import OperationValueError

#: Around patterns of sed in place of slashes: a character that is in no text.
_NO_TEXT = "\x01"

_BASIC = re.compile(r"[.\[*^$\\]")
_EXTENDED = re.compile(r"[.\[*^$\\+?(){}|]")


def escape(text: str, extended: bool = False) -> str:
    """Return an expression that matches the text itself.

    In basic expressions ``+?(){}|`` stand for themselves; a backslash would give them a meaning.

    >>> escape("a+b (1.0)"), escape("a+b (1.0)", extended=True)
    ('a+b (1\\\\.0)', 'a\\\\+b \\\\(1\\\\.0\\\\)')
    """
    return (_EXTENDED if extended else _BASIC).sub(r"\\\g<0>", text)


def is_literal(text: str) -> bool:
    """Return whether text means itself in both kinds of expression."""
    return not re.search(r"[.\[\]*^$\\+?(){}|\n]", text)


def whole_line(pattern: str, *, escaped: bool = False, extended: bool = False, group: bool = False) -> str:
    """Return an expression for every line that the pattern matches a part of.

    A pattern that begins with ``^`` or ends with ``$`` is not extended on that side.

    :param escaped: the pattern is literal text.
    :param group: put alternatives into a group, without which the ends would belong to the outer ones alone.

    >>> whole_line("port"), whole_line("^port$"), whole_line("5$", escaped=True)
    ('^.*port.*$', '^port$', '^.*5\\\\$.*$')
    """
    if escaped:
        return f"^.*{escape(pattern, extended)}.*$"
    if group and ("|" if extended else r"\|") in pattern:
        return f"^.*({pattern}).*$" if extended else rf"^.*\({pattern}\).*$"
    head = "" if pattern.startswith("^") else "^.*"
    tail = "" if _anchored_end(pattern) else ".*$"
    return f"{head}{pattern}{tail}"


def exact_line(text: str, extended: bool = False) -> str:
    """Return an expression for lines that are equal to one of the lines of the text."""
    return "\n".join(f"^{escape(line, extended)}$" for line in text.split("\n"))


def without_anchors(pattern: str) -> str:
    """Return the text that a pattern for a whole line stands for.

    >>> without_anchors("^port 22$")
    'port 22'
    """
    text = pattern.removeprefix("^")
    return text[:-1] if _anchored_end(text) else text


def delete_script(pattern: str, flags: Sequence[str] | None = None, *, variables: bool = False) -> str:
    """Return the sed script that deletes the lines a pattern matches; of the flags, ``I`` makes sense here.

    :param variables: the shell expands variables in the script: their values may hold slashes.
    """
    ignore_case = "I" if flags and re.search("[iI]", "".join(flags)) else ""
    around = _NO_TEXT if variables else "/"
    return f"{'' if around == '/' else chr(92)}{around}{_enclosed(pattern, around)}{around}{ignore_case}d"


def substitute_script(
    pattern: str, replacement: str, flags: Sequence[str] | None = None, *, variables: bool = False
) -> str:
    r"""Return the sed script that replaces what a pattern matches.

    ``&`` stands for itself; ``\1`` to ``\9`` for what the pattern's groups matched; ``\n`` for a line end.

    :param variables: as for :func:`delete_script`.
    """
    around = _NO_TEXT if variables else "/"
    parts = ("s", _enclosed(pattern, around), _replacement(replacement, around), "".join(flags or []))
    return around.join(parts)


def refers_to_groups(replacement: str) -> bool:
    r"""Return whether a replacement holds ``\1`` to ``\9``, so that it means nothing without a match."""
    return any(re.fullmatch(r"\\[0-9]", part) for part in re.findall(r"\\.|.", replacement, re.DOTALL))


def unescaped(replacement: str, also: str = "") -> str:
    r"""Return the text of a replacement in which ``/`` and ``&`` are escaped, though they need not be.

    :param also: further characters that may have a backslash before them.
    """
    return re.sub(rf"\\([/&{also}])|\\.", lambda found: found[1] or found[0], replacement)


def _enclosed(pattern: str, around: str) -> str:
    if "\n" in pattern:
        raise OperationValueError(
            f"a pattern for sed is matched against one line at a time, and cannot hold a line end: {pattern!r}"
        )
    return re.sub(rf"\\.|{around}", lambda found: f"\\{around}" if found[0] == around else found[0], pattern)


def _replacement(text: str, around: str) -> str:
    def safe(found: re.Match[str]) -> str:
        part = found[0]
        return f"\\{part}" if part in (around, "&", "\n", "\\") else part

    # A pair that begins with a backslash is sed's own; a lone one at the end would hide what comes after it.
    return re.sub(rf"\\[^\n]|\\$|\\(?=\n)|[{around}&\n]", safe, text)


def _anchored_end(pattern: str) -> bool:
    r"""Return whether a pattern ends with ``$``, and not with ``\$``."""
    before = pattern[:-1]
    return pattern.endswith("$") and (len(before) - len(before.rstrip("\\"))) % 2 == 0
