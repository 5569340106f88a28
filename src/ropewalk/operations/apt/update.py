"""apt.update: the lists of what the repositories offer."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.apt_state import LISTS_LOCK, UPDATE_STAMP, AptListsAge, AptListsLocked, held
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.apt.command import PATIENCE

# apt waits for the lock of dpkg, but not for this one.
_WAIT = sh(Raw(f"n=0; while [ $n -lt {PATIENCE} ] && {held(LISTS_LOCK)}; do sleep 1; n=$((n + 1)); done"))


@operation(is_idempotent=False, idempotent_notice="With `cache_time` the lists are updated only when they are older.")
def update(cache_time: int | None = None, **_: Unpack[GlobalArguments]) -> Steps:
    """Update the package lists.

    Every repository must answer: ``apt-get update`` alone would go on with old lists and call that success. Use
    ``_retries`` for repositories that are not always there. If another program is updating the lists, such as Debian's
    own daily update, this waits for it for up to five minutes.

    :param cache_time: seconds for which lists count as fresh. Lists older than the newest change to the sources
        are never fresh. Without it, the lists are updated every time.
    :raises OperationValueError: ``cache_time`` is not a number of seconds.

    ::

        apt.update(name="Update the package lists once a day", cache_time=24 * 3600)
    """
    if cache_time is not None and cache_time < 0:
        raise OperationValueError(f"cache_time is a number of seconds, not {cache_time}")
    host = current_host.get()
    if cache_time:
        age = host.get_fact(AptListsAge)
        if age is not None and 0 <= age < cache_time:
            host.noop(f"the package lists are {age} seconds old")
            return
    if host.get_fact(AptListsLocked):
        yield _WAIT
    # Old versions of apt do not know the option and ignore it.
    yield sh("apt-get", "update", "-o", "APT::Update::Error-Mode=any")
    if cache_time:
        yield sh("touch", UPDATE_STAMP)
