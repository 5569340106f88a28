"""What apt and dpkg know beyond v3's facts: how old the package lists are, what a command would do, what was purged."""

from __future__ import annotations

import re
from typing import Any, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.facts.deb import installed
from ropewalk.model.command import Raw, Shell, sh

#: Touched after each update; Ubuntu's own hooks touch it too.
UPDATE_STAMP = "/var/lib/apt/periodic/update-success-stamp"

#: Held while the package lists are updated.
LISTS_LOCK = "/var/lib/apt/lists/lock"

_SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d")
_ACTION = re.compile(r"(Inst|Conf|Remv|Purg) (\S+)(?: \[([^]]*)\])?(?: \((\S+))?")
_FILE = "#file "
# deb-control(5), Provides: names, each with a version or without.
_PROVIDED = re.compile(r"([a-z0-9][a-z0-9+.-]*)(?::[a-z0-9-]+)?(?: \(= ([^)\s]+)\))?")


class PackageStep(TypedDict):
    """One package that apt would install, upgrade, configure or remove (then ``after`` is ``None``)."""

    name: str
    before: str | None
    after: str | None


class AptListsAge(FactBase["int | None"]):
    """Seconds since the package lists were updated; ``None`` if never, or if the sources changed since."""

    def command(self) -> Shell:
        return sh(Raw("if"), "[", "-e", UPDATE_STAMP, "]", Raw('&& [ -z "$('),
                  "find", *_SOURCES, "-newer", UPDATE_STAMP, Raw('2>/dev/null | head -n 1)" ]; then'),
                  Raw("echo $(( $(date +%s) - $("), "stat", "-c", "%Y", UPDATE_STAMP, Raw(") )); fi"))  # fmt: skip

    def process(self, output: list[str]) -> int | None:
        return int(output[0])


class AptListsLocked(FactBase[bool]):
    """Whether a program, such as Debian's daily update, is at the package lists now: ``True``. See proc_locks(5)."""

    def command(self) -> Shell:
        return sh(Raw("if"), Raw(held(LISTS_LOCK)), Raw("; then echo locked; fi"))

    def process(self, output: list[str]) -> bool:
        return output == ["locked"]

    @staticmethod
    def default() -> Any:
        return False


def held(lock: str) -> str:
    """Return syntax that is true while a program holds a lock on a file; only Linux tells."""
    return f'i=$({sh("stat", "-c", "%i", lock).render()} 2>/dev/null) && grep -q ":$i 0 " /proc/locks 2>/dev/null'


class AptPreview(FactBase["list[PackageStep] | None"]):
    """What an ``apt-get`` command would do to packages; ``None`` when apt cannot tell (it would fail now).

    :param command: a whole command line, already quoted; it runs with ``--dry-run``, which changes nothing.
    """

    def command(self, command: str) -> Shell:
        return sh(Raw("LC_ALL=C"), Raw(command), "--dry-run", Raw('2>/dev/null; echo "exit $?"'))

    def process(self, output: list[str]) -> list[PackageStep] | None:
        if output[-1] != "exit 0":
            return None
        steps: dict[str, PackageStep] = {}
        for line in output:
            if found := _ACTION.match(line):
                action, name, before, after = found.groups()
                gone = action in ("Remv", "Purg")
                before = before or ("configuration files" if gone else None)
                if action == "Conf":
                    steps.setdefault(name, PackageStep(name=name, before="not configured", after=after))
                else:
                    steps[name] = PackageStep(name=name, before=before, after=None if gone else after)
        return list(steps.values())


class AptSourceFiles(FactBase[dict[str, list[str]]]):
    """The files of one-line apt sources: path -> lines."""

    def command(self) -> Shell:
        # Unlike sed, awk ends the last line where the file does not.
        show = f"""if [ -e "$f" ]; then echo "{_FILE}$f"; awk '{{ print " " $0 }}' < "$f" || exit 1; fi"""
        return sh(Raw(f"for f in {_SOURCES[0]} {_SOURCES[1]}/*.list; do {show}; done"))

    def process(self, output: list[str]) -> dict[str, list[str]]:
        files: dict[str, list[str]] = {}
        path = ""
        for line in output:
            if line.startswith(_FILE):
                path = line.removeprefix(_FILE)
                files[path] = []
            else:
                files[path].append(line[1:])
        return files

    @staticmethod
    def default() -> Any:
        return {}


class DebLeftovers(FactBase[dict[str, list[str]]]):
    """Packages that were removed but whose configuration files are still there: name -> versions."""

    def command(self) -> Shell:
        return sh("dpkg-query", "-W", "-f", r"${db:Status-Abbrev} ${Package} ${Version}\n")

    def process(self, output: list[str]) -> dict[str, list[str]]:
        rows = (line.split() for line in output)
        return {row[1]: [row[2]] for row in rows if len(row) == 3 and row[0] == "rc"}

    @staticmethod
    def default() -> Any:
        return {}


class DebOtherNames(FactBase[dict[str, set[str]]]):
    """What else the installed packages answer to: ``name:architecture``, and what they provide -> versions.

    A name that is provided without a version has none: ``{"mail-transport-agent": set(), "bash:amd64": {"5.2.15-2"}}``.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "dpkg"

    def command(self) -> Shell:
        return sh("dpkg-query", "-W", "-f",
                  r"${db:Status-Abbrev}|${Package}:${Architecture}|${Version}|${Provides}\n")  # fmt: skip

    def process(self, output: list[str]) -> dict[str, set[str]]:
        names: dict[str, set[str]] = {}
        for line in output:
            package, _, provides = line.rpartition("|")
            for name, version in installed([package]):
                names.setdefault(name, set()).add(version)
                for provided, its_version in _PROVIDED.findall(provides):
                    names.setdefault(provided, set()).update([its_version] if its_version else [])
        return names

    @staticmethod
    def default() -> Any:
        return {}


class DebUrl(FactBase["dict[str, str] | None"]):
    """The name and version of the package behind a URL, read by the host from the first bytes of the file.

    :param url: where the file is.
    """

    def command(self, url: str) -> Shell:
        return sh(Raw("{ if command -v curl >/dev/null; then"), "curl", "-fsSL", "--", url, Raw("; else"),
                  "wget", "-q", "-O", "-", "--", url, Raw("; fi; } |"),
                  "dpkg-deb", "-f", "-", "Package", "Version")  # fmt: skip

    def process(self, output: list[str]) -> dict[str, str] | None:
        fields = dict(line.split(": ", 1) for line in output if ": " in line)
        return {"name": fields["Package"], "version": fields["Version"]}
