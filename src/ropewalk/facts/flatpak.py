"""Applications and runtimes of Flatpak, as flatpak(1) shows them."""

from __future__ import annotations

from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import unless_said
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactProcessError

# Asked for what a user has installed, Flatpak makes a place for it.
_WHERE = '$([ -e "${FLATPAK_USER_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/flatpak}" ] || echo --system)'


class FlatpakBaseFact(FactBase[Any]):
    """What facts about Flatpak share."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "flatpak"


FlatpakBaseFact.abstract = True  # every subclass is none


class FlatpakPackage(FlatpakBaseFact):
    """One application or runtime; ``{}`` if it is not installed.

    :param package: its ID, or a whole reference.

    ::

        {"id": "org.videolan.VLC", "ref": "app/org.videolan.VLC/x86_64/stable", "version": "3.0.20"}
    """

    def command(self, package: str) -> Shell:
        return unless_said(" not installed", "flatpak", "info", Raw(_WHERE), "--", package)

    def process(self, output: list[str]) -> dict[str, str]:
        fields = (line.strip().partition(": ") for line in output)
        return {key.lower(): value.strip() for key, colon, value in fields if colon and key in ("ID", "Ref", "Version")}

    @staticmethod
    def default() -> dict[str, str]:
        return {}


class FlatpakPackages(FlatpakBaseFact):
    """The names of the applications and runtimes that are installed, for the user or for all.

    ::

        ["org.gnome.Calculator", "org.gnome.Platform"]
    """

    def command(self) -> str:
        return f"LC_ALL=C flatpak list {_WHERE} --columns=application"

    def process(self, output: list[str]) -> list[str]:
        return [line.strip() for line in output if line.strip() and line.strip() != "Application ID"]

    @staticmethod
    def default() -> list[str]:
        return []


class FlatpakRefs(FlatpakBaseFact):
    """What is installed, in full: ``["org.videolan.VLC/x86_64/stable"]``."""

    def command(self) -> str:
        return f"LC_ALL=C flatpak list {_WHERE} --columns=ref"

    def process(self, output: list[str]) -> list[str]:
        return [line.strip() for line in output if line.count("/") == 2]

    @staticmethod
    def default() -> Any:
        return []


class FlatpakRefFile(FlatpakBaseFact):
    """The ref that a ``.flatpakref`` file is about: ``"org.videolan.VLC//stable"``.

    :param source: path on the host, or a URL, which the host reads with curl or wget.
    """

    def command(self, source: str) -> Shell:
        if "://" not in source:
            return sh("cat", "--", source)
        return sh(Raw("if command -v curl >/dev/null; then"), "curl", "-fsSL", "--", source,
                  Raw("; else"), "wget", "-q", "-O", "-", "--", source, Raw("; fi"))  # fmt: skip

    def process(self, output: list[str]) -> str:
        of = dict(line.strip().split("=", 1) for line in output if "=" in line)
        if "Name" not in of or "[Flatpak Ref]" not in (line.strip() for line in output):
            raise FactProcessError("what was read is not a .flatpakref file")
        return f"{of['Name']}//{of['Branch']}" if of.get("Branch") else of["Name"]
