"""Keys for package managers: what keyrings on the host hold, and what a file or URL offers.

Both are read as base64 and understood here, so the host needs neither gpg nor its daemons.
"""

from __future__ import annotations

import base64
import binascii
import itertools
from collections.abc import Iterable
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.openpgp import NotAKeyring, keys_in
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactProcessError

Keys = dict[str, bytes]

_MARK = "#keyring "
_DUMP = (
    'do for f in "$p" "$p"/*.gpg "$p"/*.asc; do '
    f'if [ -f "$f" ]; then echo "{_MARK}$f"; base64 < "$f" || exit 1; fi; done; done'
)


class Keyrings(FactBase[dict[str, Keys]]):
    """The keys in keyring files: path -> fingerprint -> the key's bytes.

    What does not exist is not in the value; a file that holds no OpenPGP keys has none.

    :param paths: files, or directories whose ``*.gpg`` and ``*.asc`` files are read.
    """

    def command(self, paths: list[str]) -> Shell:
        return sh(Raw("for p in"), *map(_anchored, paths), Raw(";"), Raw(_DUMP))

    def process(self, output: list[str]) -> dict[str, Keys]:
        keyrings: dict[str, Keys] = {}
        path = ""
        for marked, lines in itertools.groupby(output, key=lambda line: line.startswith(_MARK)):
            if marked:
                for line in lines:  # a file without content has only this line
                    path = line.removeprefix(_MARK)
                    keyrings[path] = {}
            else:
                keyrings[path] = _keys_or_none(lines)
        return keyrings

    @staticmethod
    def default() -> Any:
        return {}


class OfferedKeys(FactBase[Keys]):
    """The keys that a file of the host or a URL offers: fingerprint -> the key's bytes.

    Anything but OpenPGP public keys (such as the page a server sends instead of a file) is an error.

    :param source: path on the host; or a URL, which the host reads with curl or wget.
    """

    def command(self, source: str) -> Shell:
        if "://" not in source:
            return sh("base64", Raw("<"), source)
        return sh(Raw("t=$(mktemp) && trap 'rm -f \"$t\"' EXIT && { if command -v curl >/dev/null; then"),
                  "curl", "-fsSL", "-o", Raw('"$t"'), "--", source, Raw("; else"),
                  "wget", "-q", "-O", Raw('"$t"'), "--", source, Raw('; fi; } && base64 < "$t"'))  # fmt: skip

    def process(self, output: list[str]) -> Keys:
        try:
            keys = keys_in(_decoded(output))
        except NotAKeyring as error:
            raise FactProcessError(f"what was read is not an OpenPGP key: {error}") from None
        if not keys:
            raise FactProcessError("what was read is empty, not an OpenPGP key")
        return keys

    @staticmethod
    def default() -> Any:
        return {}


def _anchored(path: str) -> str:
    return path if path.startswith("/") else f"./{path}"


def _keys_or_none(lines: Iterable[str]) -> Keys:
    try:
        return keys_in(_decoded(lines))
    except NotAKeyring:
        return {}


def _decoded(lines: Iterable[str]) -> bytes:
    try:
        return base64.b64decode("".join(line.strip() for line in lines), validate=True)
    except binascii.Error as error:
        raise NotAKeyring(str(error)) from None
