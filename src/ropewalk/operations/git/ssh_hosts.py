"""The SSH servers that repositories are on."""

from __future__ import annotations

import re

from ropewalk.model.command import Steps
from ropewalk.operations.ssh import keyscan

# git-clone(1), "Git URLs": ssh://[user@]host[:port]/path, and [user@]host:path unless a slash comes first.
_URL = re.compile(r"(?:git\+)?ssh(?:\+git)?://(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)(?::(\d+))?(?:/.*)?", re.DOTALL)
_SCP = re.compile(r"(?:[^@/:]+@)?(\[[^\]]+\]|[^/:@\[\]]+):(?!//).*", re.DOTALL)


def ssh_host(src: str) -> tuple[str, int] | None:
    """Return host and port of a repository that is reached by SSH.

    >>> ssh_host("git@example.org:app.git"), ssh_host("ssh://example.org:2222/app.git"), ssh_host("/srv/app.git")
    (('example.org', 22), ('example.org', 2222), None)
    """
    found = _URL.fullmatch(src)
    if found:
        return found[1].strip("[]"), int(found[2] or 22)
    found = _SCP.fullmatch(src) if "://" not in src else None
    return (found[1].strip("[]"), 22) if found else None


def make_known(src: str) -> Steps:
    """Yield what makes the user's ssh know the keys that the server of a repository has now, if it knows none."""
    place = ssh_host(src)
    if place is not None:
        yield from keyscan._inner(place[0], port=place[1])
