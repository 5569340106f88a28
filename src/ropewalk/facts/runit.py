"""Services of runit, as sv(8) tells."""

from __future__ import annotations

import re
from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell
from ropewalk.model.errors import FactProcessError
from ropewalk.shell.paths import path_word

_STATE = re.compile(r"(\w+): (.+?):(?: .*)?")
_RUNS = {"run": True, "down": False}


class RunitStatus(FactBase["dict[str, bool | None]"]):
    """Whether supervised services run: ``{"sshd": True, "cron": False}``; ``None``: nobody supervises it.

    A service that is asked for and not there is not in the value.

    :param service: one service; by default all of them.
    :param svdir: the directory whose services are supervised.
    :raises FactProcessError: the user may not know it.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "sv"

    def command(self, service: str | None = None, svdir: str = "/var/service") -> Shell:
        which = Raw("*") if service is None else service
        # A name without a slash is looked for in $SVDIR.
        return if_present(
            path_word(svdir),
            Raw('SVDIR=$1; export SVDIR; cd -- "$SVDIR" || exit; set --'), which,
            Raw('; for s do [ ! -e "$s" ] || sv status "$s" || :; done'),
        )  # fmt: skip

    def process(self, output: list[str]) -> dict[str, bool | None]:
        states: dict[str, bool | None] = {}
        for line in output:
            if line.endswith("access denied"):
                raise FactProcessError(f"sv may not tell: {line}", hint="ask as the user who owns the services")
            if match := _STATE.fullmatch(line.partition("; ")[0]):
                states[match[2]] = _RUNS.get(match[1])
        return states

    @staticmethod
    def default() -> dict[str, bool | None]:
        return {}


class RunitManaged(FactBase[set[str]]):
    """The services that are linked into the directory of supervised services: ``{"sshd", "cron"}``.

    :param service: look for this one alone.
    :param svdir: the directory.
    """

    def command(self, service: str | None = None, svdir: str = "/var/service") -> Shell:
        which = Raw("*") if service is None else service
        return if_present(
            path_word(svdir), Raw('cd -- "$1" || exit; for s in'), which, Raw('; do [ ! -L "$s" ] || echo "$s"; done')
        )

    def process(self, output: list[str]) -> set[str]:
        return set(output)

    @staticmethod
    def default() -> set[str]:
        return set()
