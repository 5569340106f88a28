"""Text in which the shell of a host expands variables."""

from __future__ import annotations


def interpolated(text: str) -> str:
    r"""Return text as one double-quoted word of shell syntax: ``$NAME`` is expanded, quotes are literal.

    Backslashes mean what they mean between double quotes: ``\$`` is a dollar sign, ``\.`` stays as it is.

    >>> print(interpolated('PATH="$HOME"'))
    "PATH=\"$HOME\""
    """
    out, escaped = [], False
    for character in text:
        if character == '"' and not escaped:
            out.append("\\")
        out.append(character)
        escaped = character == "\\" and not escaped
    return f'"{"".join(out)}{chr(92) if escaped else ""}"'
