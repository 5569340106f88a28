"""apt.ppa: a personal package archive of Launchpad."""

from __future__ import annotations

import re
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.apt import AptSources
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.model.errors import OperationValueError

_PPA = re.compile(r"ppa:(?P<owner>[^/\s]+)(?:/(?P<name>[^/\s]+))?")
_HOSTS = ("ppa.launchpad.net", "ppa.launchpadcontent.net", "private-ppa.launchpadcontent.net")


@operation()
def ppa(src: str, present: bool = True, **_: Unpack[GlobalArguments]) -> Steps:
    """Add or remove a personal package archive, with Ubuntu's ``apt-add-repository``.

    That program is in the package ``software-properties-common``; it imports the archive's key and updates the
    package lists.

    :param src: ``ppa:OWNER/NAME``, or ``ppa:OWNER`` for the one named ``ppa``.
    :param present: ``False`` removes it.
    :raises OperationValueError: it is not the name of such an archive.

    ::

        apt.ppa(name="Add the deadsnakes archive", src="ppa:deadsnakes/ppa")
    """
    named = _PPA.fullmatch(src)
    if not named:
        raise OperationValueError(f"{src!r} is not a PPA", hint="write ppa:OWNER/NAME; for others see `apt.repo`")
    place = re.compile(rf"https?://({'|'.join(map(re.escape, _HOSTS))})/{re.escape(named['owner'])}/"
                       rf"{re.escape(named['name'] or 'ppa')}(/.*)?")  # fmt: skip
    host = current_host.get()
    there = any(place.fullmatch(entry["url"]) for entry in host.get_fact(AptSources) or [])
    if there == present:
        host.noop(f"{src} is {'there' if present else 'not there'}")
        return
    yield sh("apt-add-repository", "-y", *([] if present else ["--remove"]), src)
