"""Processors, memory and disks."""

from __future__ import annotations

import re
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.model.errors import FactProcessError

_DEVICE = re.compile(r"(.+?)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(\d+)%\s+(/.*)")


class Cpus(FactBase[int]):
    """How many processors are in use.

    Read with getconf(1), or nproc(1) where it does not know.

    ::

        4
    """

    def command(self) -> str:
        return "getconf _NPROCESSORS_ONLN 2>/dev/null || getconf NPROCESSORS_ONLN 2>/dev/null || nproc"

    def process(self, output: list[str]) -> int:
        return int(output[0])


class CpuInfo(FactBase["dict[str, str | list[str]]"]):
    """What lscpu(1) tells: ``{"Architecture": "x86_64", "CPU(s)": "2", "Flags": ["fpu", "sse2"]}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "lscpu"

    def command(self) -> str:
        return "LC_ALL=C lscpu"

    def process(self, output: list[str]) -> dict[str, str | list[str]]:
        rows = (line.partition(":") for line in output)
        info = {name.strip(): value.strip() for name, colon, value in rows if colon and value.strip()}
        return {name: value.split() if name == "Flags" else value for name, value in info.items()}


class Memory(FactBase[int]):
    """How much memory the host has, in MiB.

    Read from proc(5), or with sysctl(8) where there is none.

    ::

        3915
    """

    def command(self) -> str:
        # Linux; FreeBSD and DragonFly; NetBSD and OpenBSD; macOS.
        keys = "hw.physmem64 hw.physmem hw.memsize"
        return (
            "if [ -r /proc/meminfo ]; then grep '^MemTotal:' /proc/meminfo; else "
            f'for k in hw.realmem {keys}; do if n=$(sysctl -n $k 2>/dev/null) && [ "${{n:-0}}" -gt 0 ]; then '
            'echo "$n"; exit; fi; done; vmstat -s; fi'
        )

    def process(self, output: list[str]) -> int:
        for line in output:
            if match := re.fullmatch(r"MemTotal:\s+(\d+) kB|\s*(\d+) K total memory", line.rstrip()):
                return round(int(match[1] or match[2]) / 1024)
            if line.strip().isdecimal():
                return round(int(line) / 1024**2)
        raise FactProcessError("the host does not say how much memory it has")


class BlockDevices(FactBase[dict[str, dict[str, str]]]):
    """The file systems that are mounted, by device, as df(1) tells: sizes are in KiB.

    ``{"/dev/vda1": {"blocks": "263174212", "used": "24000000", "available": "81000000", "used_percent": "24",
    "mount": "/"}}``

    Of a device that is mounted several times there is the last mount.
    """

    def command(self) -> str:
        # df fails if a single file system may not be looked at; the others are told all the same.
        return 'out=$(LC_ALL=C df -P -k); status=$?; [ -z "$out" ] || { printf "%s\\n" "$out"; exit; }; exit $status'

    def process(self, output: list[str]) -> dict[str, dict[str, str]]:
        names = ("blocks", "used", "available", "used_percent", "mount")
        matches = (_DEVICE.fullmatch(line.rstrip()) for line in output)
        return {match[1]: dict(zip(names, match.groups()[1:], strict=True)) for match in matches if match}

    @staticmethod
    def default() -> dict[str, dict[str, str]]:
        return {}
