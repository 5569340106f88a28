"""The command that lets a host download a file, into a temporary file that is checked before it counts."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from ropewalk.model.command import Joined, Raw, Secret, Shell, Word, joined, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.model.record import record
from ropewalk.operations.files import checksums, modes
from ropewalk.operations.files.edits import NEW, TEMPORARY
from ropewalk.operations.files.ownership import Attributes, owner_text, owner_words
from ropewalk.operations.files.words import operands
from ropewalk.shell.paths import path_word

_NONE = 'else echo "neither curl nor wget is installed" >&2; false; fi; } &&'


@record
class Fetch:
    """What to download, and how."""

    url: str
    headers: Mapping[str, str | Secret]
    insecure: bool
    proxy: str | None
    limit_rate: str | None
    curl_args: Mapping[str, str | None]
    wget_args: Mapping[str, str | None]

    def to(
        self, dest: str, temp_dir: str | None, want: Attributes, info: Mapping[str, Any] | None, sums: Mapping[str, str]
    ) -> Shell:
        """Return the command that downloads to a path.

        :param info: the ``File`` fact of the file that is there.
        :param sums: algorithm to the hash that the content must have.
        """
        directory = temp_dir or posixpath.dirname(dest) or "."
        words: list[Word] = [
            Raw(f"{TEMPORARY} ropewalk_new=$(mktemp"), path_word(posixpath.join(directory, ".ropewalk.XXXXXXXXXX")),
            Raw(") && { if command -v curl > /dev/null; then"), *self.curl(),
            Raw("; elif command -v wget > /dev/null; then"), *self.wget(), Raw(f"; {_NONE} touch {NEW} &&"),
        ]  # fmt: skip
        for algorithm, wanted in sums.items():
            words += [*checksums.check_words(NEW, algorithm, wanted, self.url), Raw("&&")]
        if want.owned:
            words += [*owner_words(want), *operands(owner_text(want)), Raw(f"{NEW} &&")]
        words += ["chmod", *operands(_mode(want.mode, info)), Raw(f"{NEW} && mv -f {NEW}"), path_word(dest)]
        return sh(*words)

    def curl(self) -> tuple[Word, ...]:
        """Return the words that run curl; secret headers come in as configuration on its standard input."""
        hidden = list(self._secret_headers('header = "', '"'))
        words: list[Word] = [*_piped(hidden), "curl", "-sSLf", *(["-K", "-"] if hidden else [])]
        if self.proxy:
            words += ["--proxy", self.proxy]
        if self.insecure:
            words.append("--insecure")
        return (*words, *self._common(self.curl_args), "-o", Raw(NEW), *operands(self.url))

    def wget(self) -> tuple[Word, ...]:
        """Return the words that run wget; the proxy goes through the environment, as busybox's has no option."""
        hidden = list(self._secret_headers("header = ", ""))
        words: list[Word] = [*_piped(hidden)]
        if self.proxy:
            words += ["env", f"http_proxy={self.proxy}", f"https_proxy={self.proxy}"]
        words += ["wget", "-q", *(["--config=/dev/stdin"] if hidden else [])]
        if self.insecure:
            words.append("--no-check-certificate")
        return (*words, *self._common(self.wget_args), "-O", Raw(NEW), *operands(self.url))

    def _common(self, extra: Mapping[str, str | None]) -> Iterator[Word]:
        if self.limit_rate:
            yield from ("--limit-rate", self.limit_rate)
        for name, value in self.headers.items():
            _check_header(name, value)
            if isinstance(value, str):
                yield from ("--header", f"{name}: {value}")
        for option, argument in extra.items():
            yield from (option,) if argument is None else (option, argument)

    def _secret_headers(self, before: str, after: str) -> Iterator[Joined]:
        for name, value in self.headers.items():
            if isinstance(value, Secret):
                text = value.value.replace("\\", "\\\\").replace('"', '\\"') if after else value.value
                yield joined(f"{before}{name}: ", Secret(text, value.shown), after)


def _piped(lines: list[Joined]) -> tuple[Word, ...]:
    # printf is part of the shell: what it writes is in no process list.
    return ("printf", "%s\\n", *lines, Raw("|")) if lines else ()


def _check_header(name: str, value: str | Secret) -> None:
    text = value.value if isinstance(value, Secret) else value
    if any(character in name + text for character in "\r\n"):
        raise OperationValueError(f"the HTTP header {name!r} holds a line end")


def _mode(wanted: str | None, info: Mapping[str, Any] | None) -> str:
    """Return the mode for the new file; ``=rw`` is what the host's umask leaves of it."""
    if info:
        return modes.result(wanted, info["mode"]) if wanted else str(info["mode"])
    if wanted is None:
        return "=rw"
    return wanted if wanted.isdigit() else f"=rw,{wanted}"
