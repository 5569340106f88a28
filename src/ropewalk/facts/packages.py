"""What facts about packages have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh


class PackageStep(TypedDict):
    """One package that would be installed, changed or removed (then ``after`` is ``None``)."""

    name: str
    after: str | None


class Preview(FactBase["list[PackageStep] | None"]):
    """What a command would do to packages; ``None`` when that cannot be known (it would fail now).

    :param command: a whole command line, already quoted, of the kind that only tells what would be done.
    """

    def command(self, command: str) -> Shell:
        return sh(Raw("LC_ALL=C"), Raw(command), Raw('2>/dev/null; echo "exit $?"'))

    def process(self, output: list[str]) -> list[PackageStep] | None:
        *lines, last = output
        steps = self.read(lines)
        return steps if last == "exit 0" or (steps and self.fails_on_changes) else None

    #: Whether the command fails just because there is something to do.
    fails_on_changes = False

    def read(self, lines: list[str]) -> list[PackageStep]:
        """Return what standard output says that would be done; subclasses know how."""
        raise TypeError(f"{type(self).__name__} does not say how its output is read ({len(lines)} lines)")


def versions(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Gather the versions of each package: several may be installed, for several architectures or kernels.

    >>> versions([("libc6", "2.36")])
    {'libc6': {'2.36'}}
    """
    found: dict[str, set[str]] = {}
    for name, version in pairs:
        found.setdefault(name, set()).add(version)
    return found


def parse_packages(regex: str, output: Iterable[str]) -> dict[str, set[str]]:
    """Read package lists of the form ``name version``; lines that do not match are passed over.

    :param regex: matches from the start of a line; its first two groups are the name and the version.
    """
    matches = (re.match(regex, line) for line in output)
    return versions((match[1], match[2]) for match in matches if match)


def split_last_dash(text: str) -> tuple[str, str]:
    """Split what is written ``name-version``, where versions have no dash.

    >>> split_last_dash("py311-pip-23.3.1nb2")
    ('py311-pip', '23.3.1nb2')
    """
    name, _, version = text.rpartition("-")
    return name, version
