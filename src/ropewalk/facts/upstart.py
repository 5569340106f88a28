"""Jobs of Upstart: initctl(8). Nothing packages Upstart any more: tested on output as that page shows it."""

from __future__ import annotations

import re
from typing import Any

from ropewalk.api.fact import FactBase

_JOB = re.compile(r"(\S+)(?: \(.*\))? (start|stop)/[\w-]+.*")


class UpstartStatus(FactBase[dict[str, bool]]):
    """Whether jobs run: ``{"cron": True, "ssh": False}``; of a job with instances, whether any of them does."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "initctl"

    def command(self) -> str:
        return "initctl list"

    def process(self, output: list[str]) -> dict[str, bool]:
        jobs: dict[str, bool] = {}
        for match in filter(None, map(_JOB.fullmatch, output)):
            jobs[match[1]] = jobs.get(match[1], False) or match[2] == "start"
        return jobs

    @staticmethod
    def default() -> dict[str, bool]:
        return {}
