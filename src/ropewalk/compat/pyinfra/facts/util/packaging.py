"""What v3's authors of facts about packages share."""

from __future__ import annotations

from collections.abc import Iterable

from ropewalk.facts.packages import parse_packages as parse_packages
from ropewalk.facts.repositories import MARK, parse_repositories

PackageVersionDict = dict[str, set[str]]

#: Stands before the name of each file, see ``make_cat_files_command_with_markers``.
REPO_FILENAME_MARKER = MARK.rstrip()


def parse_yum_repositories(output: Iterable[str]) -> list[dict[str, str]]:
    """Read repositories of dnf or yum from the lines of their files, see ``ropewalk.facts.repositories``."""
    return parse_repositories(output)


def parse_zypper_repositories(output: Iterable[str]) -> list[dict[str, str]]:
    """Read repositories of zypper from the lines of their files."""
    return parse_repositories(output)
