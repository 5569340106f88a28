"""Hashes that downloaded files must have."""

from __future__ import annotations

import re
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.files import Md5File, Sha1File, Sha256File, Sha384File
from ropewalk.model.command import Raw, Word, joined
from ropewalk.model.errors import OperationValueError

FACTS: dict[str, type[FactBase[Any]]] = {
    "sha384": Sha384File, "sha256": Sha256File, "sha1": Sha1File, "md5": Md5File,
}  # fmt: skip
_LENGTHS = {"sha384": 96, "sha256": 64, "sha1": 40, "md5": 32}
# Hash of standard input: GNU and busybox, Perl's shasum, BSD.
_PROGRAMS = {
    "sha384": "sha384sum 2>/dev/null || shasum -a 384 2>/dev/null || sha384 -q 2>/dev/null || openssl dgst -r -sha384",
    "sha256": "sha256sum 2>/dev/null || shasum -a 256 2>/dev/null || sha256 -q 2>/dev/null || openssl dgst -r -sha256",
    "sha1": "sha1sum 2>/dev/null || shasum -a 1 2>/dev/null || sha1 -q 2>/dev/null || openssl dgst -r -sha1",
    "md5": "md5sum 2>/dev/null || md5 -q 2>/dev/null || openssl dgst -r -md5",
}


def given(**sums: str | None) -> dict[str, str]:
    """Return the hashes that are given, in lower case.

    :raises OperationValueError: one of them is no such hash.
    """
    found = {algorithm: value.strip().lower() for algorithm, value in sums.items() if value}
    for algorithm, value in found.items():
        if not re.fullmatch(f"[0-9a-f]{{{_LENGTHS[algorithm]}}}", value):
            raise OperationValueError(
                f"{algorithm}sum={value!r} is not a hash", hint=f"it has {_LENGTHS[algorithm]} hexadecimal digits"
            )
    return found


def check_words(file: str, algorithm: str, wanted: str, name: str) -> tuple[Word, ...]:
    """Return shell words that fail, and say why, unless a file has the hash.

    :param file: shell syntax for the file's path.
    :param name: what the file is called in the message.
    """
    return (
        Raw(f"sum=$({{ {_PROGRAMS[algorithm]}; }} < {file}) && sum=${{sum%% *}} && {{ [ \"$sum\" ="), wanted,
        Raw("] || { printf '%s%s\\n'"),
        joined(f"{name}: its {algorithm} is not {wanted} but "), Raw('"$sum" >&2; false; }; }'),
    )  # fmt: skip
