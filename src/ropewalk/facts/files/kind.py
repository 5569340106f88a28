"""What kind of thing is at a path, told by the shell itself: no program runs, and nothing else makes it differ."""

from __future__ import annotations

from typing import Literal, TypeAlias, cast

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell
from ropewalk.shell.paths import path_word

_TELL = (
    'if [ -d "$1" ]; then echo directory; elif [ -L "$1" ]; then echo link; '
    'elif [ -f "$1" ]; then echo file; else echo other; fi'
)


Name: TypeAlias = Literal["directory", "file", "link", "other"]


class Kind(FactBase[Name | None]):
    """What kind of thing is at a path; ``None`` if nothing is there. Cheaper than ``File`` and its like.

    A link that leads to a directory is a ``directory``, any other link is a ``link``.

    :param path: path on the host; ``~/`` is the home directory.

    ::

        if host.get_fact(Kind, path="/srv/www") == "directory":
            ...
    """

    def command(self, path: str) -> Shell:
        return if_present(path_word(path), Raw(_TELL), dangling=True)

    def process(self, output: list[str]) -> Name | None:
        """Read the one word (see test(1))."""
        return cast(Name, output[0]) if output else None
