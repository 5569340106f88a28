"""Python packages, tools and interpreters, as uv knows them.

Output: https://docs.astral.sh/uv/reference/cli/.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import parse_packages, versions
from ropewalk.model.command import Raw, Shell, sh


class _UvFact(FactBase[Any]):
    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "uv"

    @staticmethod
    def default() -> Any:
        return {}


class UvVersion(_UvFact):
    """What uv says of its version: ``"uv 0.8.1 (4d2e1f0 2025-07-22)"``."""

    def command(self) -> str:
        return "uv --version"

    def process(self, output: list[str]) -> str:
        return output[0].strip()

    @staticmethod
    def default() -> str:
        return ""


class UvPipPackages(_UvFact):
    """The packages of a Python environment: name -> versions, ``{"requests": {"2.31.0"}}``.

    :param options: options of ``uv pip list`` that say which environment is meant, such as ``["--system"]``; without
        any it is the one that uv finds from the directory it runs in.
    """

    def command(self, options: Sequence[str] = ()) -> Shell:
        return sh("uv", "pip", "list", "--format=json", *options)

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return versions((item["name"], item["version"]) for item in _items(output))


class UvPipOutdated(_UvFact):
    """Those of the packages that have a newer version, and that version.

    :param options: as for :class:`UvPipPackages`.
    """

    def command(self, options: Sequence[str] = ()) -> Shell:
        return sh("uv", "pip", "list", "--outdated", "--format=json", *options)

    def process(self, output: list[str]) -> dict[str, str]:
        return {item["name"]: item["latest_version"] for item in _items(output)}


class UvAvailablePythonsByImplementation(_UvFact):
    """The Pythons that uv could install or has found: key -> versions.

    ::

        {"cpython-3.12.1-linux-x86_64-gnu": {"3.12.1"}}

    :param is_managed: only those that uv installs itself.
    """

    #: Options of ``uv python list``.
    only: tuple[str, ...] = ()

    def command(self, is_managed: bool = True) -> Shell:
        managed = ("--managed-python",) if is_managed else ()
        return sh("uv", "python", "list", *managed, *self.only, "--output-format=json")

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return versions((item["key"], item["version"]) for item in _items(output))


class UvAvailablePythonsByVersion(UvAvailablePythonsByImplementation):
    """The Pythons that uv could install or has found: version -> keys.

    ::

        {"3.12.1": {"cpython-3.12.1-linux-x86_64-gnu"}}
    """

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return versions((item["version"], item["key"]) for item in _items(output))


class UvInstalledPythonsByImplementation(UvAvailablePythonsByImplementation):
    """The Pythons that are installed: key -> versions."""

    only = ("--only-installed",)


class UvInstalledPythonsByVersion(UvAvailablePythonsByVersion):
    """The Pythons that are installed: version -> keys."""

    only = ("--only-installed",)


class UvPythonDir(_UvFact):
    """The directory in which uv keeps the Pythons it installs.

    ::

        "/root/.local/share/uv/python"
    """

    def command(self) -> str:
        return "uv python dir 2>/dev/null"

    def process(self, output: list[str]) -> str:
        return output[0]

    @staticmethod
    def default() -> str:
        return ""


class UvToolDir(UvPythonDir):
    """The directory in which uv keeps the environments of tools.

    ::

        "/root/.local/share/uv/tools"
    """

    def command(self) -> str:
        return "uv tool dir 2>/dev/null"


class UvToolBinDir(UvPythonDir):
    """The directory in which uv puts the programs of tools."""

    def command(self) -> str:
        return "uv tool dir --bin 2>/dev/null"


class UvTools(_UvFact):
    """The tools that are installed: name -> versions, ``{"ruff": {"0.6.9"}}``."""

    def command(self) -> Shell | str:
        return "uv tool list 2>/dev/null"

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return parse_packages(r"([^\s-]\S*) v(\S+)", output)


class UvToolsOutdated(_UvFact):
    """The tools that have a newer version, and that version; ``None`` if this uv cannot tell."""

    def command(self) -> Shell:
        # Versions before 0.9 do not know the option.
        return sh(Raw("if uv tool list --help 2>/dev/null | grep -q -e --outdated; then echo '# uv';"),
                  Raw("uv tool list --outdated 2>/dev/null; fi"))  # fmt: skip

    def process(self, output: list[str]) -> dict[str, str]:
        found = parse_packages(r"([^\s-]\S*) v\S+ .*?\[latest: v?([^]\s]+)\]", output)
        return {name: version for name, (version,) in found.items()}

    @staticmethod
    def default() -> None:
        return None


def _items(output: Iterable[str]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads("\n".join(output))
    return items
