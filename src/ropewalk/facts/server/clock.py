"""What time it is on the host, how long it has been up, how busy it is."""

from __future__ import annotations

import re
from datetime import datetime

from ropewalk.api.fact import FactBase
from ropewalk.model.errors import FactProcessError

_ELAPSED = re.compile(r"\s*(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)\s*")
_LOADS = re.compile(r"(\d+[.,]\d+),? (\d+[.,]\d+),? (\d+[.,]\d+)")


class Date(FactBase[datetime]):
    """The host's clock, with its time zone.

    See date(1).

    ::

        datetime(2026, 5, 17, 14, 2, 11, tzinfo=timezone(timedelta(hours=2)))
    """

    def command(self) -> str:
        return "date +%Y-%m-%dT%H:%M:%S%z"

    def process(self, output: list[str]) -> datetime:
        return datetime.strptime(output[0], "%Y-%m-%dT%H:%M:%S%z")

    @staticmethod
    def default() -> datetime:
        return datetime.now()


class Timezone(FactBase["str | None"]):
    """The name of the host's time zone, such as ``Europe/Paris``; ``None`` if the host does not say.

    A link to a zone counts under the name that it was set with; without ``/etc/localtime`` it is ``UTC``
    (localtime(5)).
    """

    def command(self) -> str:
        return (
            "if [ -L /etc/localtime ]; then readlink /etc/localtime; readlink -f /etc/localtime || :; "
            "elif [ -e /etc/localtime ]; then [ ! -e /etc/timezone ] || cat /etc/timezone; else echo UTC; fi"
        )

    def process(self, output: list[str]) -> str | None:
        for line in output:
            _, found, zone = line.partition("/zoneinfo/")
            if found:
                return zone
        # A path outside of the zone database does not tell the zone's name.
        return None if output[0].startswith((".", "/")) else output[0].strip()


class Uptime(FactBase[int]):
    """For how many seconds the host has been up.

    Read from proc(5), or with ps(1) and sysctl(8).

    ::

        1206453
    """

    def command(self) -> str:
        # Elsewhere than on Linux: the age of the first process, or, where a jail hides that, the time of the boot.
        return (
            "if [ -e /proc/uptime ]; then cat /proc/uptime; "
            "else ps -o etime= -p 1 2>/dev/null || { sysctl -n kern.boottime && date +%s; }; fi"
        )

    def process(self, output: list[str]) -> int:
        elapsed = _ELAPSED.fullmatch(output[0])
        if elapsed:
            days, hours, minutes, seconds = (int(part or 0) for part in elapsed.groups())
            return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        booted = re.search(r"\bsec = (\d+)", output[0])
        try:
            return int(output[1]) - int(booted[1]) if booted else int(float(output[0].split()[0]))
        except (ValueError, IndexError):
            raise FactProcessError(f"{output[0]!r} does not tell when the host came up") from None


class LoadAverage(FactBase[dict[str, float]]):
    """The load average of the last 1, 5 and 15 minutes: ``{"1": 0.39, "5": 0.09, "15": 0.03}``.

    Read from proc(5), or with uptime(1).
    """

    def command(self) -> str:
        return "if [ -e /proc/loadavg ]; then cat /proc/loadavg; else LC_ALL=C uptime; fi"

    def process(self, output: list[str]) -> dict[str, float]:
        match = _LOADS.search(output[0])
        if not match:
            raise FactProcessError(f"there is no load average in {output[0]!r}")
        one, five, fifteen = (float(number.replace(",", ".")) for number in match.groups())
        return {"1": one, "5": five, "15": fifteen}

    @staticmethod
    def default() -> dict[str, float]:
        return {}
