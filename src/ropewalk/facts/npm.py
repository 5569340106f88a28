"""Packages of Node.js, as npm knows them.

Output: npm-ls(1).
"""

from __future__ import annotations

import json
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactProcessError
from ropewalk.shell.paths import path_word


class NpmPackages(FactBase[dict[str, set[str]]]):
    """The packages that are installed: name -> versions, ``{"@angular/cli": {"17.0.1"}}``.

    :param directory: those in this directory, not those for all; if it does not exist there are none.
    """

    def requires_command(self, directory: str | None = None) -> str:
        return "npm"

    def command(self, directory: str | None = None) -> Shell:
        return _ask("list", directory)

    def process(self, output: list[str]) -> dict[str, set[str]]:
        found = _read(output).get("dependencies", {})
        return {name: {item["version"]} for name, item in found.items() if "version" in item}

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


class NpmOutdated(FactBase[dict[str, str]]):
    """The packages that ``npm update`` would bring to a newer version, and that version.

    :param directory: as for :class:`NpmPackages`.
    """

    def command(self, directory: str | None = None) -> Shell:
        return _ask("outdated", directory)

    def process(self, output: list[str]) -> dict[str, str]:
        found = _read(output)
        return {name: item["wanted"] for name, item in found.items()
                if item.get("current", item["wanted"]) != item["wanted"]}  # fmt: skip

    @staticmethod
    def default() -> Any:
        return {}


def _ask(command: str, directory: str | None) -> Shell:
    """Return an npm command that prints JSON; status 1 tells of trouble with packages, not with reading them."""
    words = ("npm", command, "--json", "--depth=0")
    accept = Raw("2>/dev/null || [ $? -eq 1 ]")
    if directory is None:
        return sh(*words, "-g", accept)
    # Without --prefix npm would take a directory above that has a package.json.
    return if_present(path_word(directory), Raw(f'{sh(*words, "--prefix").render()} "$1" {accept.text}'))


def _read(output: list[str]) -> dict[str, Any]:
    """Return what npm says as JSON, unless it is that npm could not do what it was asked for.

    That a package is missing or too old is no such error: ``code`` is ELSPROBLEMS then.
    """
    found: dict[str, Any] = json.loads("\n".join(output))
    error = found.get("error", {})
    if "summary" in error and error.get("code") != "ELSPROBLEMS":
        raise FactProcessError(f"npm failed: {error['summary']}")
    return found
