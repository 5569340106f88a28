"""Services of the BSDs, by their scripts in ``/etc/rc.d``: rc(8) of FreeBSD, NetBSD and DragonFly, rc.d(8) of OpenBSD.

Tested with scripts that answer as those pages say.
"""

from __future__ import annotations

import re

from ropewalk.api.fact import FactBase
from ropewalk.facts.sysvinit import InitdStatus
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactValueError

#: Where scripts are: the system's, those of FreeBSD's packages, those of NetBSD's.
DIRECTORIES = ("/etc/rc.d", "/usr/local/etc/rc.d", "/usr/pkg/etc/rc.d")

# `onestatus` is `status` for services that are not enabled too; OpenBSD's scripts know `check` alone.
_ASK = (
    '{ "$f" onestatus || "$f" check; } </dev/null >/dev/null 2>&1; status=$?; '
    'echo "${f##*/}=$([ $status = 1 ] && echo 3 || echo $status)"'
)
_YES = re.compile(r"\$?\w+=[\"']?(yes|true|on|1)[\"']?\s*(#.*)?", re.IGNORECASE)


class RcdStatus(InitdStatus):
    """Whether the services that have a script in ``/etc/rc.d`` and its like run: ``{"sshd": True}``."""

    def command(self) -> str:
        every = " ".join(f"{directory}/*" for directory in DIRECTORIES)
        return f'for f in {every}; do if [ -f "$f" ] && [ -x "$f" ]; then {_ASK}; fi; done'


class RcdScript(InitdStatus):
    """Whether the service of one script runs; ``{}`` if there is no such script.

    :param service: the name of the script.
    """

    def command(self, service: str) -> Shell:  # type: ignore[override]
        return sh("set", "--", service, Raw(f'; {script_path()}; if [ -n "$f" ]; then {_ASK}; fi'))


class RcdEnabled(FactBase[bool]):
    """Whether a service starts with the system: what its script says to ``rcvar``, on OpenBSD what rcctl(8) says.

    :param service: the name of its script.
    """

    def command(self, service: str) -> Shell:
        if service.startswith("-"):
            raise FactValueError(f"{service!r} is not the name of a service")
        rcctl = sh("rcctl", "get", service, "status").render()
        return sh(
            "set", "--", service,
            Raw(f"; if command -v rcctl >/dev/null; then {rcctl} >/dev/null && echo rcctl=YES || :; "
                f"else {script_path()}; [ -z \"$f\" ] || \"$f\" rcvar </dev/null; fi"),
        )  # fmt: skip

    def process(self, output: list[str]) -> bool:
        return any(_YES.fullmatch(line.strip()) for line in output)

    @staticmethod
    def default() -> bool:
        return False


def script_path() -> str:
    """Return shell syntax that makes ``$f`` the path of the script that ``$1`` names; empty if there is none."""
    return f'f=; for d in {" ".join(DIRECTORIES)}; do [ -n "$f" ] || [ ! -x "$d/$1" ] || f=$d/$1; done'
