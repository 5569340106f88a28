"""Services of OpenRC: rc-status(8), rc-update(8), rc-service(8)."""

from __future__ import annotations

import re
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.sysvinit import InitdStatus
from ropewalk.model.command import Raw, Shell, sh

# Colours are left out when the output is no terminal; some releases write them all the same.
_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_SERVICE = re.compile(r"\s*(\S+)\s+\[\s*(\w+).*\]\s*")


class OpenrcStatus(FactBase[dict[str, bool]]):
    """Whether the services of a runlevel run: ``{"sshd": True, "crond": False}``.

    :param runlevel: the runlevel; services that are not in it are not in the value.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "rc-status"

    def command(self, runlevel: str = "default") -> Shell:
        return sh("rc-status", "--", runlevel)

    def process(self, output: list[str]) -> dict[str, bool]:
        matches = (_SERVICE.fullmatch(_COLOR.sub("", line)) for line in output)
        return {match[1]: match[2] == "started" for match in matches if match}

    @staticmethod
    def default() -> dict[str, bool]:
        return {}


class OpenrcEnabled(FactBase[dict[str, bool]]):
    """Whether services start in a runlevel, for every service there is: ``{"sshd": True, "crond": False}``.

    :param runlevel: the runlevel.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "rc-update"

    def command(self, runlevel: str = "default") -> Shell:
        # Given a runlevel, the column of runlevels is empty for services that are not in it.
        return sh("rc-update", "-v", "show", "--", runlevel)

    def process(self, output: list[str]) -> dict[str, bool]:
        rows = (line.partition("|") for line in output)
        return {name.strip(): bool(levels.strip()) for name, bar, levels in rows if bar}

    @staticmethod
    def default() -> dict[str, bool]:
        return {}


class OpenrcService(InitdStatus):
    """Whether one service runs, in whatever runlevel it is, as it says itself; ``{}`` if there is no such service.

    :param service: its name.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "rc-service"

    def command(self, service: str) -> Shell:  # type: ignore[override]
        return sh("set", "--", service, Raw(
            '; if rc-service -e "$1" </dev/null >/dev/null 2>&1; then '
            'rc-service -- "$1" status </dev/null >/dev/null 2>&1; echo "$1=$?"; fi'
        ))  # fmt: skip

    def process(self, output: list[str]) -> dict[str, bool | None]:
        # Beyond what LSB says: 8 is starting, 16 is inactive, 32 has crashed; none of them runs.
        return {name: bool(running) for name, running in super().process(output).items()}
