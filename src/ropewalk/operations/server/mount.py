"""server.mount"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from typing import Unpack

from ropewalk import host
from ropewalk.api.operation import operation
from ropewalk.facts.server import Kernel, Mounts
from ropewalk.facts.server.mounts import MountsDict, RealPath
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationTypeError

#: Options for fstab(5) or for mount(8) itself: the kernel does not know them, so no mount ever shows them.
_NOT_SHOWN = frozenset({
    "defaults", "auto", "noauto", "user", "nouser", "users", "owner", "group", "_netdev", "nofail", "remount", "silent",
    "loud", "bind", "rbind", "loop",
})  # fmt: skip
#: Options that are in force unless their opposite is.
_DEFAULTS = {name: f"no{name}" for name in ("suid", "dev", "exec", "atime", "diratime")} | {"async": "sync"}


@operation()
def mount(
    path: str,
    mounted: bool = True,
    options: Sequence[str] | None = None,
    device: str | None = None,
    fs_type: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Mount or unmount a file system, until the host restarts; /etc/fstab is not written.

    :param path: where it is or should be mounted.
    :param mounted: whether something should be mounted there.
    :param options: mount options. A file system that is mounted without one of them is remounted.
    :param device: what to mount (default: what /etc/fstab says). What is mounted already is not compared with it, since
        one device has many names.
    :param fs_type: the file system's type, for mounting.
    :raises OperationTypeError: ``options`` is not a list.

    ::

        server.mount(name="Mount the data disk", path="/data", device="/dev/sdb1", options=["noatime"])
    """
    if isinstance(options, str):
        raise OperationTypeError(
            f"server.mount: options must be a list, not {options!r}", hint=f"options=[{options!r}]"
        )
    have = _mounted_at(path)
    if not mounted:
        if have is None:
            host.noop(f"nothing is mounted at {path}")
        else:
            yield sh("umount", "--", path)
    elif have is None:
        kind = ("-t", fs_type) if fs_type else ()
        given = ("-o", ",".join(options)) if options else ()
        yield sh("mount", *kind, *given, "--", *([device] if device else []), path)
    elif missing := missing_options(options or (), have["options"]):
        yield Change("options", ",".join(have["options"]), ",".join([*have["options"], *missing]))
        if (host.get_fact(Kernel) or "").strip() == "FreeBSD":
            yield sh("mount", "-u", "-o", ",".join(options or ()), "-t", have["type"], "--", have["device"], path)
        else:
            yield sh("mount", "-o", ",".join(["remount", *(options or ())]), "--", path)
    else:
        host.noop(f"{path} is mounted")


def _mounted_at(path: str) -> MountsDict | None:
    """Return what is mounted at a path, which may lead there by symbolic links."""
    mounts = {posixpath.normpath(key): value for key, value in host.get_fact(Mounts).items()}
    found = mounts.get(posixpath.normpath(path))
    return mounts.get(host.get_fact(RealPath, path=path)) if found is None else found


def missing_options(wanted: Iterable[str], have: Iterable[str]) -> list[str]:
    """Return the options that a mounted file system lacks, as far as one can tell."""
    there = set(have)
    return [
        option
        for option in wanted
        if option not in there
        and option not in _NOT_SHOWN
        and not option.startswith(("x-", "comment="))
        and not (option in _DEFAULTS and _DEFAULTS[option] not in there)
    ]
