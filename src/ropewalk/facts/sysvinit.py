"""Init scripts of System V, as the Linux Standard Base (Core 5.0, chapter 22) describes them.

Headers: https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/initscrcomconv.html.
"""

from __future__ import annotations

import re

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, sh

#: What the exit status of ``status`` says: 1 and 2 are services that died; from 4 on nobody knows.
_STATES = {0: True, 1: False, 2: False, 3: False}
_STATUS = re.compile(r"(.+)=(\d+)")


class InitdStatus(FactBase["dict[str, bool | None]"]):
    """Whether the services that have an init script run: ``{"cron": True, "ssh": False}``; ``None``: not known.

    Only scripts with an LSB header are asked: others need not understand ``status``.
    """

    def command(self) -> Shell | str:
        return (
            'for f in /etc/init.d/*; do if [ -x "$f" ] && grep -q "^### BEGIN INIT INFO" "$f"; then '
            '"$f" status </dev/null >/dev/null 2>&1; echo "${f##*/}=$?"; fi; done'
        )

    def process(self, output: list[str]) -> dict[str, bool | None]:
        matches = (_STATUS.fullmatch(line) for line in output)
        return {match[1]: _STATES.get(int(match[2])) for match in matches if match}

    @staticmethod
    def default() -> dict[str, bool | None]:
        return {}


class InitScript(InitdStatus):
    """Whether the service of one init script runs, with or without a header; ``{}`` if there is no such script.

    :param service: name of the script in ``/etc/init.d``.
    """

    def command(self, service: str) -> Shell:  # type: ignore[override]
        ask = Raw('"$1" status </dev/null >/dev/null 2>&1; echo "${1##*/}=$?"')
        return if_present(f"/etc/init.d/{service}", ask)


class InitLinks(FactBase[dict[str, str]]):
    """The links that start and stop a service in the runlevels: path -> what it points to.

    ``{"/etc/rc2.d/S01cron": "../init.d/cron"}``

    :param service: name of its script in ``/etc/init.d``.
    """

    def command(self, service: str) -> Shell:
        links = Raw('for f in /etc/rc[0-9S].d/[SK][0-9][0-9]"$1"; do')
        return sh("set", "--", service, Raw(";"), links,
                  Raw('if [ -L "$f" ]; then echo "$f"; readlink "$f" || exit 1; fi; done'))  # fmt: skip

    def process(self, output: list[str]) -> dict[str, str]:
        return dict(zip(output[::2], output[1::2], strict=True))

    @staticmethod
    def default() -> dict[str, str]:
        return {}
