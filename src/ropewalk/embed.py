"""Runs deploys from programs of your own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Any

from ropewalk.api.config import Config
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.compat import names
from ropewalk.engine.program import DeployFile, FunctionProgram, Program
from ropewalk.engine.run import Run, RunOptions
from ropewalk.model.errors import UsageError
from ropewalk.model.event import Event
from ropewalk.model.result import RunResult

Deploy = str | Callable[[], Any]


def run(
    deploy: Deploy | Sequence[Deploy],
    inventory: Inventory | Sequence[str],
    *,
    config: Config | None = None,
    dry: bool = False,
    plan: bool = True,
    serial: bool = False,
    no_wait: bool = False,
    fail_percent: float | None = None,
    listeners: Sequence[Callable[[Event], None]] = (),
) -> RunResult:
    """Run a deploy on hosts and return what it came to.

    :param deploy: a deploy file, a function that calls operations, or several of them, run one after another.
    :param inventory: an inventory, or the names of hosts (``"@local"``, ``"web1"``).
    :param config: the settings.
    :param dry: only plan.
    :param plan: evaluate everything before anything is applied.
    :param serial: one host after another.
    :param no_wait: no host waits for another.
    :param fail_percent: stop when more than this percentage of the hosts has failed.
    :param listeners: functions that take every event (``ropewalk.model.event``) as it happens.
    :returns: the result; ``result.ok`` says whether all went well, failures of hosts are never raised.
    :raises UsageError: the deploy cannot be loaded, or this is called where an event loop runs.

    ::

        from ropewalk import run
        from ropewalk.operations import server

        result = run(lambda: server.shell(commands="uptime"), ["@local"])
        print(result.ok, result.failed_hosts())
    """
    if "pyinfra" not in sys.modules:  # a program that uses pyinfra itself keeps it
        names.activate()
    deploys = [deploy] if isinstance(deploy, str) or callable(deploy) else list(deploy)
    hosts = inventory if isinstance(inventory, Inventory) else Inventory((list(inventory), {}))
    if not len(hosts):
        raise UsageError("the inventory has no hosts")
    options = RunOptions(dry=dry, plan=plan, serial=serial, no_wait=no_wait, fail_percent=fail_percent)
    programs = [_program(item) for item in deploys]
    _refuse_running_loop()
    return asyncio.run(Run(State(hosts, config or Config()), programs, options, listeners).execute())


def _program(deploy: Deploy) -> Program:
    if isinstance(deploy, str):
        return DeployFile(deploy)
    return FunctionProgram(deploy, getattr(deploy, "__name__", "deploy"))


def _refuse_running_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise UsageError("ropewalk.run cannot be called inside an event loop", hint="await asyncio.to_thread(run, ...)")
