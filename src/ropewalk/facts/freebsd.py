"""FreeBSD: packages, services, settings of rc.conf(5), also of jails; pkg(8), service(8), sysrc(8).

Tested with programs that answer as those pages say.
"""

from __future__ import annotations

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactValueError


class ServiceScript(FactBase["str | None"]):
    """The name of a service, if there is a script for it; else ``None``.

    :param srvname: the service.
    :param jail: number or name of the jail to look in.

    ::

        "sshd"
    """

    def command(self, srvname: str, jail: str | None = None) -> Shell:
        listing = sh("service", *in_jail(jail), "-l").render()
        return sh(Raw(f"all=$({listing}) && {{ printf '%s\\n' \"$all\" | grep -Fx --"), srvname, Raw("|| :; }"))


class ServiceStatus(FactBase["str | None"]):
    """``"running"`` if a service runs, enabled or not; else ``None``.

    :param srvname: the service.
    :param jail: number or name of its jail.
    """

    def command(self, srvname: str, jail: str | None = None) -> Shell:
        if srvname.startswith("-"):
            raise FactValueError(f"{srvname!r} is not the name of a service")
        # Scripts end with another status both when the service does not run and when they do not know `status`.
        ask = ("service", *in_jail(jail), srvname, "onestatus")
        return sh(Raw("if"), *ask, Raw(">/dev/null 2>&1; then echo running; fi"))


class Sysrc(FactBase["str | None"]):
    """The value of a setting of ``rc.conf``; ``None`` if it has none.

    :param parameter: its name.
    :param jail: number or name of the jail.
    """

    def command(self, parameter: str, jail: str | None = None) -> Shell:
        # For a setting that has no value sysrc may fail, but says nothing.
        ask = sh("sysrc", *in_jail(jail), "-i", "-n", "--", parameter).render()
        fail = "{ printf '%s\\n' \"$said\" >&2; exit 1; }"
        return sh(Raw(f'{{ said=$({ask} 2>&1 >&3); }} 3>&1 || [ -z "$said" ] || {fail}'))


class PkgPackage(FactBase["str | None"]):
    """The name and version of an installed package: ``"nginx-1.26.2,3"``; ``None`` if it is not installed.

    :param package: its name or origin.
    :param jail: number or name of the jail.
    """

    def command(self, package: str, jail: str | None = None) -> Shell:
        # Status 70 (EX_SOFTWARE), 1 in older releases: no such package.
        ask = sh("pkg", *in_jail(jail), "info", "-E", "--", package)
        return sh(Raw(f"{ask.render()} 2>/dev/null || {{ status=$?; [ $status = 1 ] || [ $status = 70 ]; }}"))


def in_jail(jail: str | None) -> list[str]:
    """Return the words that make pkg, service and sysrc work in a jail."""
    return ["-j", jail] if jail else []
