"""Repositories of rpm based systems: files of sections, as yum.conf(5), dnf.conf(5) and zypper(8) read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh

#: Stands before the lines of each file, as in pyinfra v3.
MARK = "#pyinfra-filename: "
# The section of dnf's and yum's own settings, which may be in the same file as repositories.
_NOT_A_REPOSITORY = "main"


def read_files(*patterns: str) -> Shell:
    """Return the command that prints the files that match patterns, each after a line with its name.

    A file that cannot be read is an error; one that is not there is not.

    :param patterns: shell patterns of absolute paths, without quotes or spaces.
    """
    show = f"""[ ! -f "$f" ] || {{ printf '{MARK}%s\\n' "$f"; awk 1 < "$f"; }} || exit 1"""
    return sh(Raw(f"for f in {' '.join(patterns)}; do {show}; done"))


def parse_repositories(lines: Iterable[str]) -> list[dict[str, str]]:
    """Read repositories from the lines of files.

    A line that is indented continues the value before it; a value of several lines has line ends in it.

    >>> parse_repositories(["[base]", "name=Base", "baseurl = http://a", "    http://b"])
    [{'repoid': 'base', 'name': 'Base', 'baseurl': 'http://a\\nhttp://b'}]
    """
    repositories: list[dict[str, str]] = []
    repository: dict[str, str] = {}
    filename = key = None
    for line in lines:
        text = line.strip()
        if line.startswith(MARK):
            filename, repository, key = line.removeprefix(MARK), {}, None
        elif not text or text[0] in "#;":
            continue
        elif text.startswith("[") and text.endswith("]"):
            repository = {"repoid": text[1:-1]} | ({"filename": filename} if filename else {})
            key = None
            repositories.append(repository)
        elif line[0].isspace() and key:
            repository[key] += f"\n{text}"
        elif repository and "=" in text:
            key, _, value = (part.strip() for part in text.partition("="))
            repository[key] = value
    return [found for found in repositories if found["repoid"] != _NOT_A_REPOSITORY]


class RepositoriesBase(FactBase[list[dict[str, str]]]):
    """The repositories of a host, each a dictionary of all that its file says about it.

    ::

        [{"repoid": "base", "filename": "/etc/yum.repos.d/base.repo", "name": "Base",
          "baseurl": "https://example.org/base", "enabled": "1", "gpgcheck": "1"}]
    """

    program: ClassVar[str]
    files: ClassVar[Sequence[str]]

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return self.program

    def command(self) -> Shell:
        return read_files(*self.files)

    def process(self, output: list[str]) -> list[dict[str, str]]:
        return parse_repositories(output)

    @staticmethod
    def default() -> list[dict[str, str]]:
        return []
