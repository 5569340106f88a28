"""More arguments for uv, which deploys give as text or as words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from ropewalk.operations.packaging import words

ExtraArguments: TypeAlias = "str | Sequence[str] | None"


def extra_words(arguments: ExtraArguments) -> list[str]:
    """Return more arguments as words; text is split as on a command line.

    >>> extra_words("--index-url https://example.org"), extra_words(["--python", "/opt/my env"])
    (['--index-url', 'https://example.org'], ['--python', '/opt/my env'])
    """
    if arguments is None or isinstance(arguments, str):
        return words(arguments)
    return list(arguments)
