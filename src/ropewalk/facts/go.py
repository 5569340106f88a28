"""Programs of Go, as ``go install`` put them into a directory; see https://go.dev/ref/mod#go-version-m."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import versions
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.record import record

# GOPATH may be a list; programs go to its first directory.
_DIRECTORY = 'd=$(go env GOBIN) && if [ -z "$d" ]; then d=$(go env GOPATH) && d=${d%%:*}/bin; fi'
_READ = 'if [ -d "$d" ]; then go version -m -- "$d"; fi'


@record
class GoProgram:
    """A program that Go has built.

    :ivar file: its path on the host.
    :ivar package: what it was built from.
    :ivar module: the module that the package is in.
    :ivar version: of the module; ``(devel)`` if it was built from a directory.
    """

    file: str
    package: str
    module: str
    version: str


class GoPackages(FactBase[dict[str, set[str]]]):
    """The packages whose programs are installed: ``{"golang.org/x/tools/cmd/goimports": {"v0.1.2"}}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "go"

    def command(self) -> str:
        return f"{_DIRECTORY} && {_READ}"

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return versions((program.package, program.version) for program in _programs(output))

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class GoPrograms(FactBase[list[GoProgram]]):
    """The programs that are installed, with their files and modules."""

    requires_command = GoPackages.requires_command
    command = GoPackages.command

    def process(self, output: list[str]) -> list[GoProgram]:
        return list(_programs(output))

    @staticmethod
    def default() -> Any:
        return []


class GoNewest(FactBase[dict[str, str]]):
    """The newest versions of some modules.

    :param modules: their paths.
    """

    def command(self, modules: Sequence[str]) -> Shell:
        queries = [f"{module}@latest" for module in modules]
        return sh(Raw("cd / &&"), "go", "list", "-m", "-f", "{{.Path}} {{.Version}}", "--", *queries)

    def process(self, output: list[str]) -> dict[str, str]:
        return {words[0]: words[1] for line in output if len(words := line.split()) == 2}

    @staticmethod
    def default() -> Any:
        return {}


def _programs(lines: Iterable[str]) -> Iterator[GoProgram]:
    file = package = ""
    for line in lines:
        if not line.startswith("\t"):
            file, package = line.rpartition(": ")[0], ""
            continue
        kind, *values = line[1:].split("\t")
        if kind == "path":
            package = values[0]
        elif kind == "mod" and package:
            yield GoProgram(file, package, values[0], values[1])
