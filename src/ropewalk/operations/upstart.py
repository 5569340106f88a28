"""Jobs of Upstart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.upstart import UpstartStatus
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Renderable, Steps, sh
from ropewalk.operations.services import Wish, check_name, control, state_of
from ropewalk.operations.text_files import read_lines, rewritten


@operation()
def service(
    service: str,
    running: bool | None = True,
    restarted: bool = False,
    reloaded: bool = False,
    command: str | None = None,
    enabled: bool | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Start, stop, restart, reload, enable or disable a job of Upstart.

    :param service: the job's name.
    :param running: whether it should run; ``None`` leaves it as it is.
    :param restarted: restart it if it was running: a change on every run, so give it an ``_if``.
    :param reloaded: reload it if it was running; not done in addition to a restart.
    :param command: one more command of initctl(8) for the job; it runs every time.
    :param enabled: whether it should start by itself; ``None`` leaves that. ``False`` writes ``manual`` into
        ``/etc/init/NAME.override``, init(5); other lines of that file stay.
    :raises OperationError: there is no such job, and it should run.
    :raises OperationValueError: the job should be both stopped and restarted or reloaded.

    ::

        upstart.service(name="Run the app", service="app", enabled=True)
    """
    check_name(service)
    wish = Wish(running, restarted, reloaded, command)

    def is_running() -> bool:
        return state_of(service, current_host.get().get_fact(UpstartStatus), wish, "Upstart")

    def act(verb: str) -> Renderable:
        return sh("initctl", verb, service)

    changes = [] if enabled is None else [*_enable(service, enabled)]
    if not changes:
        yield from control(service, wish, is_running, act)
        return
    if wish.needs_status or command is not None:
        yield from control(service, wish, is_running, act)
    yield from changes


def _enable(service: str, enabled: bool) -> Steps:
    path = f"/etc/init/{service}.override"
    lines = read_lines(path)
    other = [line for line in lines or () if line.strip() != "manual"]
    if enabled == (other == list(lines or ())):
        return
    yield Change(f"{service} at boot", *(("disabled", "enabled") if enabled else ("enabled", "disabled")))
    after: Sequence[str] = other if enabled else [*other, "manual"]
    if after:
        yield from rewritten(path, lines, after, mode=None if lines is not None else "644")
    else:
        yield sh("rm", "-f", "--", path)
