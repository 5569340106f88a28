"""Updates of FreeBSD itself: freebsd-update(8)."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh


@operation(is_idempotent=False, idempotent_notice="FreeBSD's servers are asked every time.")
def update(
    force: bool = False,
    basedir: str | None = None,
    workdir: str | None = None,
    conffile: str | None = None,
    jail: str | None = None,
    key: str | None = None,
    currently_running: str | None = None,
    server: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Fetch and install the updates of the release that a host has.

    :param force: go on where freebsd-update would stop, as with unsupported releases.
    :param basedir: update the system below this directory.
    :param workdir: where downloads are kept.
    :param conffile: the configuration file.
    :param jail: update this jail.
    :param key: trust this key: its SHA256 fingerprint.
    :param currently_running: update from this release instead of the one that runs: ``"14.1-RELEASE"``.
    :param server: fetch from this server.

    ::

        freebsd_update.update(name="Install updates")
    """
    given = {"-b": basedir, "-d": workdir, "-f": conffile, "-j": jail, "-k": key, "-s": server,
             "--currently-running": currently_running}  # fmt: skip
    options = [word for name, value in given.items() if value is not None for word in (name, value)]
    yield sh("env", "PAGER=cat", "freebsd-update", "--not-running-from-cron", *(["-F"] if force else []), *options,
             "fetch", "install")  # fmt: skip
