"""Containers of OpenVZ: vzctl(8)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.vzctl import OpenvzContainers
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Shell, Steps, sh
from ropewalk.model.errors import OperationError, OperationValueError

_NAME = re.compile(r"\w[\w.{}-]*")
_SETTING = re.compile(r"[a-z]\w*")


@operation()
def start(ctid: int | str, force: bool = False, **_: Unpack[GlobalArguments]) -> Steps:
    """Start a container that does not run.

    :param ctid: its number or name.
    :param force: start it even if it is disabled.
    :raises OperationError: there is no such container.
    :raises OperationValueError: ``ctid`` is not the number or name of a container.

    ::

        vzctl.start(name="Start the mail server", ctid=101)
    """
    yield from _unless(ctid, lambda status: status == "running", "runs", _start(ctid, force))


@operation()
def stop(ctid: int | str, **_: Unpack[GlobalArguments]) -> Steps:
    """Stop a container that runs.

    :param ctid: its number or name.
    :raises OperationError: there is no such container.
    :raises OperationValueError: ``ctid`` is not the number or name of a container.

    ::

        vzctl.stop(name="Stop the mail server", ctid=101)
    """
    yield from _unless(ctid, lambda status: status != "running", "does not run", _vzctl("stop", ctid))


@operation(is_idempotent=False, idempotent_notice="The container is restarted every time; add an `_if`.")
def restart(ctid: int | str, force: bool = False, **_: Unpack[GlobalArguments]) -> Steps:
    """Stop a container if it runs, and start it.

    :param ctid: its number or name.
    :param force: start it even if it is disabled.
    :raises OperationError: there is no such container.
    :raises OperationValueError: ``ctid`` is not the number or name of a container.

    ::

        vzctl.restart(name="Restart the mail server", ctid=101, _if=changed.did_change)
    """
    if _existing(ctid) == "running":
        yield _vzctl("stop", ctid)
    yield _start(ctid, force)


@operation()
def mount(ctid: int | str, **_: Unpack[GlobalArguments]) -> Steps:
    """Mount the file system of a container that does not run.

    :param ctid: its number or name.
    :raises OperationError: there is no such container.
    :raises OperationValueError: ``ctid`` is not the number or name of a container.

    ::

        vzctl.mount(name="Look at its files", ctid=101)
    """
    yield from _unless(ctid, lambda status: status in ("mounted", "running"), "is mounted", _vzctl("mount", ctid))


@operation()
def unmount(ctid: int | str, **_: Unpack[GlobalArguments]) -> Steps:
    """Unmount the file system of a container that does not run.

    :param ctid: its number or name.
    :raises OperationError: there is no such container, or it runs.
    :raises OperationValueError: ``ctid`` is not the number or name of a container.

    ::

        vzctl.unmount(name="Put its files away", ctid=101)
    """
    if _existing(ctid) == "running":
        raise OperationError(f"the container {ctid} runs: its file system is in use", hint="stop it instead")
    yield from _unless(ctid, lambda status: status != "mounted", "is not mounted", _vzctl("umount", ctid))


@operation()
def delete(ctid: int | str, **_: Unpack[GlobalArguments]) -> Steps:
    """Delete a container and all of its files; nothing if there is no such container.

    :param ctid: its number or name.
    :raises OperationValueError: ``ctid`` is not the number or name of a container.

    ::

        vzctl.delete(name="Remove the old mail server", ctid=101)
    """
    if _status(ctid) is None:
        current_host.get().noop(f"there is no container {ctid}")
    else:
        yield _vzctl("destroy", ctid)


@operation(is_idempotent=False, idempotent_notice="A container that exists is an error.")
def create(ctid: int | str, template: str | None = None, **_: Unpack[GlobalArguments]) -> Steps:
    """Make a container.

    :param ctid: its number or name.
    :param template: the template its files are taken from; by default the one in ``vz.conf``.
    :raises OperationError: it exists.
    :raises OperationValueError: ``ctid`` is not the number or name of a container.

    ::

        vzctl.create(name="Make a mail server", ctid=101, template="debian-12-x86_64")
    """
    if _status(ctid) is not None:
        raise OperationError(f"there is a container {ctid} already", hint="vzctl.delete removes it")
    yield _vzctl("create", ctid, *([] if template is None else ["--ostemplate", template]))


@operation(is_idempotent=False, idempotent_notice="The settings are written every time.")
def set(ctid: int | str, save: bool = True, **settings: Any) -> Steps:
    """Change settings of a container.

    :param ctid: its number or name.
    :param save: keep them when the container is started the next time.
    :param settings: options of ``vzctl set`` without their dashes: ``hostname="a.example"``, ``onboot=True``. A list
        gives an option several times: ``ipadd=["192.0.2.7", "192.0.2.8"]``.
    :raises OperationError: there is no such container.
    :raises OperationValueError: no settings, or one that is no option or has no value.

    ::

        vzctl.set(name="Start it with the host", ctid=101, onboot=True)
    """
    words = [word for name, value in settings.items() for word in _option(name, value)]
    if not words:
        raise OperationValueError("vzctl.set needs at least one setting")
    _existing(ctid)
    yield _vzctl("set", ctid, *(["--save"] if save else []), *words)


def _unless(ctid: int | str, done: Callable[[str], bool], what: str, command: Shell) -> Steps:
    if done(_existing(ctid)):
        current_host.get().noop(f"the container {ctid} {what}")
    else:
        yield command


def _existing(ctid: int | str) -> str:
    status = _status(ctid)
    if status is None:
        raise OperationError(f"there is no container {ctid}", hint="vzctl.create makes it")
    return status


def _status(ctid: int | str) -> str | None:
    """Return how a container is; ``None`` if there is none of that number or name."""
    for number, container in current_host.get().get_fact(OpenvzContainers).items():
        if str(ctid) in (str(number), container.get("name")):
            return str(container.get("status"))
    return None


def _start(ctid: int | str, force: bool) -> Shell:
    return _vzctl("start", ctid, *(["--force"] if force else []))


def _vzctl(verb: str, ctid: int | str, *options: str) -> Shell:
    if not _NAME.fullmatch(str(ctid)):
        raise OperationValueError(f"{ctid!r} is not the number or name of a container")
    return sh("vzctl", verb, str(ctid), *options)


def _option(name: str, value: object) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    if not _SETTING.fullmatch(name) or not values or any(one is None for one in values):
        raise OperationValueError(f"{name}={value!r} is not a setting of a container")
    texts = [("yes" if one else "no") if isinstance(one, bool) else str(one) for one in values]
    return [word for text in texts for word in (f"--{name}", text)]
