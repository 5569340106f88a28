from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Rsync, Steps

_FLAGS = ("-ax", "--delete")


@operation(is_idempotent=False, idempotent_notice="What there is to do is known to rsync alone; it runs every time.")
def rsync(src: str, dest: str, flags: Sequence[str] | None = None, **_: Unpack[GlobalArguments]) -> Steps:
    """Run the ``rsync`` program of this machine towards the host.

    ``files.sync`` needs no rsync, on neither side, and tells in a plan what it would change.

    rsync talks to the host over the connection that ropewalk has, as the user that commands run as: an ``-e`` among
    the flags has no effect. rsync must be installed on both sides.

    :param src: the local source, as rsync takes it: with a slash at its end, what is in a directory.
    :param dest: the path on the host.
    :param flags: options of rsync; by default ``-ax --delete``.

    ::

        files.rsync(src="site/", dest="/srv/www", flags=["-rt", "--delete"])
    """
    yield Rsync(src, dest, _FLAGS if flags is None else tuple(flags))
