"""What rpm, dnf, yum and zypper know beyond v3's facts: local providers, trusted keys, what a command would do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import PackageStep, Preview, versions
from ropewalk.facts.rpm import LAYOUT
from ropewalk.model.command import Raw, Shell, sh

_SECTION = re.compile(r"([A-Z][A-Za-z/ ]*):$")
_MARKED = re.compile(r"(Installing|Upgrading)( Environment)? Groups")
#: How sections end that do not list packages: groups that are marked, streams and profiles of modules.
_NO_PACKAGES = ("Groups", "profiles", "streams")
_ROW = re.compile(r" \S")
_SOLVABLE = re.compile(r"<solvable ([^>]*)>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_MARK = "#"


class RpmInstalled(FactBase[dict[str, dict[str, set[str]]]]):
    """The installed packages that are meant by each of some texts: names, ``name-version``, files, capabilities.

    :param packages: the texts.

    ::

        {"webserver": {"httpd": {"2.4.57-5.el9"}}}
    """

    def command(self, packages: Sequence[str]) -> Shell:
        by_name = sh("rpm", "-q", "--queryformat", LAYOUT, "--").render()
        by_capability = sh("rpm", "-q", "--whatprovides", "--queryformat", LAYOUT, "--").render()
        return sh(Raw("for p in"), *packages, Raw(f"""; do printf '{_MARK}%s\\n' "$p";"""),
                  Raw(f'{by_name} "$p" 2>/dev/null || {by_capability} "$p" 2>/dev/null || :; done'))  # fmt: skip

    def process(self, output: list[str]) -> dict[str, dict[str, set[str]]]:
        lines: dict[str, list[tuple[str, str]]] = {}
        text = ""
        for line in output:
            words = line.split()
            if line.startswith(_MARK):
                text = line.removeprefix(_MARK)
                lines[text] = []
            elif len(words) == 2:  # all else are sentences about what is not installed
                lines[text].append((words[0], words[1]))
        return {text: versions(found) for text, found in lines.items() if found}

    @staticmethod
    def default() -> Any:
        return {}


class RpmKeys(FactBase[list[str]]):
    """The keys that rpm trusts: the ends of their fingerprints (eight digits, or all), in small letters."""

    def command(self) -> Shell:
        return sh("rpm", "-qa", "--queryformat", r"%{VERSION}\n", "gpg-pubkey")

    def process(self, output: list[str]) -> list[str]:
        return [line.strip().lower() for line in output if line.strip()]

    @staticmethod
    def default() -> Any:
        return []


class DnfPreview(Preview):
    """What a command of dnf or yum would do, when it answers "no" to the question whether to go on.

    To install a group marks it as installed each time, also when all of its packages are: that is no change.
    """

    fails_on_changes = True

    def process(self, output: list[str]) -> list[PackageStep] | None:
        sections = [found[1] for line in output if (found := _SECTION.match(line))]
        if sections and all(map(_MARKED.fullmatch, sections)):
            return []
        return super().process(output)

    def read(self, lines: list[str]) -> list[PackageStep]:
        return list(_transaction(lines))


class ZypperPreview(Preview):
    """What a command of zypper with ``--xmlout`` and ``--dry-run`` would do."""

    def read(self, lines: list[str]) -> list[PackageStep]:
        steps = []
        gone = False
        for line in lines:
            if line.startswith("<to-"):
                gone = line.startswith("<to-remove")
            elif found := _SOLVABLE.search(line):
                of = dict(_ATTRIBUTE.findall(found[1]))
                if of.get("type") == "package":
                    steps.append(PackageStep(name=of["name"], after=None if gone else of["edition"]))
        return steps


def _transaction(lines: Iterable[str]) -> Iterator[PackageStep]:
    """Read the table of a transaction: sections of rows of name, architecture, version; long rows are wrapped."""
    section = ""
    row: list[str] = []
    for line in lines:
        if found := _SECTION.match(line):
            section, row = "" if found[1].endswith(_NO_PACKAGES) else found[1].split()[0], []
        elif line.startswith("Transaction Summary"):
            return
        elif _ROW.match(line):
            row = line.split()
            if len(row) >= 3:
                yield from _step(section, row)
        elif row and len(row) < 3 and line.startswith("  "):
            row += line.split()
            if len(row) >= 3:
                yield from _step(section, row)


def _step(section: str, row: Sequence[str]) -> Iterator[PackageStep]:
    if section == "Removing":
        yield PackageStep(name=row[0], after=None)
    elif section in ("Installing", "Upgrading", "Updating", "Downgrading", "Reinstalling"):
        yield PackageStep(name=row[0], after=row[2].partition(":")[2] or row[2])
