"""Services of launchd: launchctl(1) of macOS. No Mac was at hand: tested on output as that page shows it."""

from __future__ import annotations

from typing import Any

from ropewalk.api.fact import FactBase


class LaunchdStatus(FactBase[dict[str, bool]]):
    """Whether the services that are loaded run: ``{"com.apple.cfprefsd": True}``."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "launchctl"

    def command(self) -> str:
        return "launchctl list"

    def process(self, output: list[str]) -> dict[str, bool]:
        # Three columns: process, status of the last exit, label. A dash: there is no process.
        rows = (line.split(None, 2) for line in output)
        return {row[2]: row[0].isdecimal() for row in rows if len(row) == 3 and row[0] != "PID"}

    @staticmethod
    def default() -> dict[str, bool]:
        return {}
