"""The kernel: its modules, its settings, and whether a newer one waits for a reboot."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh

Module = dict[str, "str | int | list[str]"]

_SETTING = re.compile(r"([^\s:=]+)\s*[=:]\s?(.*)")
# Only a value made of such words is a list; others are text that happens to hold spaces.
_WORDS = re.compile(r"[\w.-]+(?:\s+[\w.-]+)+")
_NUMBER = re.compile(r"-?\d+")


class KernelModules(FactBase[dict[str, Module]]):
    """The modules that are loaded; ``{}`` if the kernel has none.

    On Linux ``{"nf_tables": {"size": "315392", "instances": 1, "state": "Live", "depends": ["nft_ct"]}}``, where
    ``depends`` names the modules that use it and is missing if there are none; on FreeBSD
    ``{"zfs.ko": {"id": "2", "refs": "1", "address": "0x...", "size": "3df40"}}``.

    Read from proc(5), or with kldstat(8).
    """

    def command(self) -> str:
        return (
            "if [ -e /proc/modules ]; then cat /proc/modules; "
            "elif command -v kldstat >/dev/null; then kldstat; fi"
        )  # fmt: skip

    def process(self, output: list[str]) -> dict[str, Module]:
        rows = [line.split() for line in output if line.strip()]
        if rows and rows[0][0] == "Id":
            return {
                name: {"id": number, "refs": refs, "address": address, "size": size}
                for number, refs, address, size, name in rows[1:]
            }
        return {row[0]: _linux_module(row) for row in rows}

    @staticmethod
    def default() -> dict[str, Module]:
        return {}


class Sysctl(FactBase["dict[str, int | str | list[int | str]]"]):
    """Kernel settings; a setting that the kernel does not have is not in the value.

    Numbers are ``int``, several words are a list, all else is text:
    ``{"vm.swappiness": 60, "net.ipv4.tcp_rmem": [4096, 131072, 6291456]}``.

    See sysctl(8).

    :param keys: the settings to read; by default all of them, which takes a while.
    """

    def command(self, keys: str | Sequence[str] | None = None) -> Shell:
        if keys is None:
            wanted: Sequence[str] = ("-a",)
        else:
            wanted = ("--", keys) if isinstance(keys, str) else ("--", *keys)
            if len(wanted) == 1:
                return sh("true")
        # Users other than root seldom have /sbin in their PATH. What cannot be read is left out, as for all keys.
        path, found = Raw('PATH="$PATH:/usr/sbin:/sbin";'), Raw("command -v sysctl >/dev/null && {")
        return sh(path, found, "sysctl", *wanted, Raw("2>/dev/null || :; }"))

    def process(self, output: list[str]) -> dict[str, int | str | list[int | str]]:
        matches = (_SETTING.fullmatch(line) for line in output)
        return {match[1]: _value(match[2]) for match in matches if match}

    @staticmethod
    def default() -> dict[str, int | str | list[int | str]]:
        return {}


class RebootRequired(FactBase[bool]):
    """Whether a reboot is due: Debian's and Ubuntu's note of it, or a kernel that is not the installed one.

    The latter is told on FreeBSD, and on Alpine, where an upgrade takes away the modules of the kernel that runs.

    Read from ``/var/run/reboot-required``; FreeBSD is asked with freebsd-version(1).

    ::

        True
    """

    def command(self) -> str:
        return (
            "if [ -e /etc/alpine-release ]; then "
            'for d in /lib/modules/*; do if [ -d "$d" ]; then [ -d "/lib/modules/$(uname -r)" ] || echo yes; break; '
            "fi; done; "
            "elif [ -f /var/run/reboot-required ] || [ -f /var/run/reboot-required.pkgs ]; then echo yes; "
            "elif command -v freebsd-version >/dev/null; then "
            'running=$(freebsd-version -r) && installed=$(freebsd-version -k) && { [ "$running" = "$installed" ] || '
            "echo yes; }; fi"
        )

    def process(self, output: list[str]) -> bool:
        return output[0] == "yes"

    @staticmethod
    def default() -> bool:
        return False


def _linux_module(row: Sequence[str]) -> Module:
    """Read a line of /proc/modules (proc(5)): name, size, use count, users, state, address."""
    module: Module = {"size": row[1], "instances": int(row[2]), "state": row[4]}
    users = [name for name in row[3].split(",") if name and name != "-" and not name.startswith("[")]
    if users:
        module["depends"] = users
    return module


def _value(text: str) -> int | str | list[int | str]:
    text = text.strip()
    if _WORDS.fullmatch(text):
        return [_number_or_text(word) for word in text.split()]
    return _number_or_text(text)


def _number_or_text(text: str) -> int | str:
    return int(text) if _NUMBER.fullmatch(text) else text
