"""Packages and configuration of OpenWrt's opkg. Tested on output recorded from OpenWrt.

Files and output: https://openwrt.org/docs/guide-user/additional-software/opkg.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ropewalk.api.fact import FactBase
from ropewalk.facts.packages import parse_packages
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, sh

_CUSTOM = "CUSTOM"


class OpkgConfInfo(NamedTuple):
    """What ``/etc/opkg.conf`` says.

    :ivar paths: destinations and their directories.
    :ivar list_dir: where package lists are kept.
    :ivar options: options and their values; ``True`` for those without one.
    :ivar arch_cfg: architectures and their priorities.
    """

    paths: dict[str, str]
    list_dir: str
    options: dict[str, str | bool]
    arch_cfg: dict[str, int]


class OpkgFeedInfo(NamedTuple):
    """Where packages come from.

    :ivar url: base of the feed.
    :ivar fmt: ``src/gz`` or ``src``.
    :ivar kind: ``distribution`` or ``custom``, by the file that names it.
    """

    url: str
    fmt: str
    kind: str


class OpkgPkgUpgradeInfo(NamedTuple):
    """The installed and the available version of a package."""

    installed: str
    available: str


class _OpkgFact(FactBase[Any]):
    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "opkg"

    @staticmethod
    def default() -> Any:
        return {}


class OpkgConf(_OpkgFact):
    """What ``/etc/opkg.conf`` says, as an :class:`OpkgConfInfo`; other lines of it, such as feeds, are passed over."""

    def command(self) -> Shell:
        return if_present("/etc/opkg.conf", Raw('cat "$1"'))

    def process(self, output: list[str]) -> OpkgConfInfo:
        conf = OpkgConf.default()
        list_dir = conf.list_dir
        for words in _words(output):
            match words:
                case ["dest", name, path]:
                    conf.paths[name] = path
                case ["lists_dir", _, path]:
                    list_dir = path
                case ["option", name, *value]:
                    conf.options[name] = " ".join(value) or True
                case ["arch", name, priority] if priority.isdigit():
                    conf.arch_cfg[name] = int(priority)
        return conf._replace(list_dir=list_dir)

    @staticmethod
    def default() -> OpkgConfInfo:
        return OpkgConfInfo({}, "", {}, {})


class OpkgFeeds(_OpkgFact):
    """Where packages come from: name of the feed -> :class:`OpkgFeedInfo`.

    ::

        {"base": OpkgFeedInfo(url="http://downloads.openwrt.org/base", fmt="src/gz", kind="distribution")}
    """

    def command(self) -> Shell:
        show = [if_present(f"/etc/opkg/{name}.conf", Raw('cat "$1"')).render() for name in ("distfeeds", "customfeeds")]
        return sh(Raw(f"{{ {show[0]}; }} && echo {_CUSTOM} && {{ {show[1]}; }}"))

    def process(self, output: list[str]) -> dict[str, OpkgFeedInfo]:
        feeds: dict[str, OpkgFeedInfo] = {}
        kind = "distribution"
        for words in _words(output):
            match words:
                case [marker] if marker == _CUSTOM:
                    kind = "custom"
                case [("src" | "src/gz") as fmt, name, url, *_]:
                    feeds[name] = OpkgFeedInfo(url, fmt, kind)
        return feeds


class OpkgInstallableArchitectures(_OpkgFact):
    """The architectures whose packages can be installed, and their priorities: ``{"all": 1, "x86_64": 10}``."""

    def command(self) -> str:
        return "opkg print-architecture"

    def process(self, output: list[str]) -> dict[str, int]:
        return {words[1]: int(words[2]) for words in _words(output) if words[0] == "arch" and words[2:3]}


class OpkgPackages(_OpkgFact):
    """The packages that are installed: name -> versions, ``{"busybox": {"1.36.1-1"}}``."""

    def command(self) -> str:
        return "opkg list-installed"

    def process(self, output: list[str]) -> dict[str, set[str]]:
        return parse_packages(r"(\S+) - (\S+)", output)


class OpkgUpgradeablePackages(_OpkgFact):
    """The packages that have a newer version in the package lists: name -> :class:`OpkgPkgUpgradeInfo`.

    ::

        {"busybox": OpkgPkgUpgradeInfo(installed="1.36.1-1", available="1.36.1-2")}
    """

    def command(self) -> str:
        return "opkg list-upgradable"

    def process(self, output: list[str]) -> dict[str, OpkgPkgUpgradeInfo]:
        rows = (re.match(r"(\S+) - (\S+) - (\S+)", line) for line in output)
        return {row[1]: OpkgPkgUpgradeInfo(row[2], row[3]) for row in rows if row}


def _words(lines: Iterable[str]) -> Iterator[list[str]]:
    return (words for line in lines if (words := line.partition("#")[0].split()))
