"""Packages of snapd."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.snap import SnapChannels
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.packaging import Packages, wanted

_RISKS = ("stable", "candidate", "beta", "edge")


@operation()
def package(
    packages: Packages = None,
    channel: str = "latest/stable",
    classic: bool = False,
    present: bool = True,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install or remove snaps, or let them follow another channel.

    :param packages: one or several names.
    :param channel: ``track/risk``, ``track``, ``risk`` or ``track/risk/branch``; what is installed is moved to it.
    :param classic: install without confinement. It is left as it is where the snap is installed.
    :param present: ``False`` removes them.
    :raises OperationValueError: a name that no snap can have, or a channel that cannot be one.

    ::

        snap.package(name="Install LXD", packages=["lxd"], channel="5.0/stable")
    """
    host = current_host.get()
    names = [package.name for package in wanted(packages)]
    if not names:
        host.noop("no packages are named")
        return
    channel = _full(channel)
    have: Mapping[str, str] = host.get_fact(SnapChannels)
    steps = [step for name in names for step in _steps(name, have.get(name), channel, classic, present)]
    if not steps:
        host.noop(f"all snaps follow {channel}" if present else "all snaps are absent")
    yield from steps


def _steps(name: str, following: str | None, channel: str, classic: bool, present: bool) -> Steps:
    if not present:
        if following is not None:
            yield Change(name, following or "installed", None)
            yield sh("snap", "remove", name)
    elif following is None:  # snap takes a channel for a single snap only
        yield Change(name, None, channel)
        yield sh("snap", "install", *(["--classic"] if classic else []), f"--channel={channel}", name)
    elif not _is_same(following, channel):
        yield Change(name, following or "no channel", channel)
        yield sh("snap", "refresh", f"--channel={channel}", name)


def _full(channel: str) -> str:
    """Return a channel in its full form.

    >>> _full("edge"), _full("5.0"), _full("5.0/edge")
    ('latest/edge', '5.0/stable', '5.0/edge')
    """
    parts = channel.split("/")
    if not all(parts) or len(parts) > 3 or any(part.startswith("-") or part.split() != [part] for part in parts):
        raise OperationValueError(f"{channel!r} is not a channel", hint="write it as track/risk, such as latest/edge")
    if parts[0] in _RISKS:
        return "/".join(["latest", *parts])
    return channel if len(parts) > 1 else f"{channel}/stable"


def _is_same(following: str, channel: str) -> bool:
    """Say whether a snap follows a channel, as far as its end is shown."""
    for dots in ("...", "…"):
        if following.endswith(dots):
            return channel.startswith(following.removesuffix(dots))
    return bool(following) and _full(following) == channel
