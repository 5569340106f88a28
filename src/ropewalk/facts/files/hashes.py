"""Checksums of files, with whichever program the host has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell
from ropewalk.model.errors import FactProcessError
from ropewalk.shell.paths import path_word


class HashFileFactBase(FactBase["str | None"]):
    """The checksum of a file in hexadecimal; ``None`` if nothing is there, or a directory.

    Read with sha256sum(1) and its like.

    :param path: path on the host; links are followed; ``~/`` is the home directory.

    ::

        "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
    """

    #: Programs that print the checksum of standard input, in the order they are tried.
    programs: ClassVar[tuple[str, ...]] = ()
    #: How many hexadecimal digits the checksum has.
    digits: ClassVar[int] = 0

    def __init_subclass__(cls, digits: int | None = None, cmds: Sequence[str] | None = None, **kwargs: Any) -> None:
        """Take both as v3's classes give them: ``class Sha512(HashFileFactBase, digits=128, cmds=["sha512sum"])``."""
        super().__init_subclass__(**kwargs)
        if digits is not None:
            cls.digits = digits
        if cmds is not None:
            cls.programs = tuple(cmds)

    def command(self, path: str) -> Shell:
        # Through standard input no program sees the name: several quote odd names and change the line for it.
        tries = " || ".join(f'{program} <"$1"' for program in self.programs)
        return if_present(path_word(path), Raw(f'[ -d "$1" ] || {tries}'))

    def process(self, output: list[str]) -> str | None:
        match = re.search(rf"(?<![0-9a-f])[0-9a-f]{{{self.digits}}}(?![0-9a-f])", output[0])
        if not match:
            raise FactProcessError(f"{self.name}: there is no checksum in {output[0]!r}")
        return match.group()


class Md5File(HashFileFactBase):
    """The MD5 checksum of a file; see :class:`HashFileFactBase`.

    See md5sum(1).

    ::

        "b1946ac92492d2347c6235b4d2611184"
    """

    programs = ("md5sum", "md5", "openssl dgst -md5")
    digits = 32


class Sha1File(HashFileFactBase):
    """The SHA-1 checksum of a file; see :class:`HashFileFactBase`.

    See sha1sum(1).

    ::

        "f572d396fae9206628714fb2ce00f72e94f2258f"
    """

    programs = ("sha1sum", "shasum", "sha1", "openssl dgst -sha1")
    digits = 40


class Sha256File(HashFileFactBase):
    """The SHA-256 checksum of a file; see :class:`HashFileFactBase`.

    See sha256sum(1).
    """

    programs = ("sha256sum", "shasum -a 256", "sha256", "openssl dgst -sha256")
    digits = 64


class Sha384File(HashFileFactBase):
    """The SHA-384 checksum of a file; see :class:`HashFileFactBase`.

    See sha384sum(1).

    ::

        "1d0f284efe3edea4b9ca3bd514fa134b17eae361ccc7a1eefeff801b9bd6604e01f21f6bf249ef030599f0c218f2ba8c"
    """

    programs = ("sha384sum", "shasum -a 384", "sha384", "openssl dgst -sha384")
    digits = 96
