"""Whole runs of ropewalk in a box: what is planned, done, left alone the second time, and undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ropewalk.api.config import Config
from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.connectors.local import LocalConnector
from ropewalk.connectors.process import spawn
from ropewalk.engine.program import FunctionProgram
from ropewalk.engine.run import Run, RunOptions
from ropewalk.model.event import OperationEnded, OperationPlanned
from ropewalk.model.outcome import Outcome, Prediction
from support.box import Box
from support.play import run_async


class BoxConnector(LocalConnector):
    """Opens processes in the box that the settings of the run hold."""

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
        settings = self.options.settings
        return await spawn(settings["box"].words(*settings["before"], *argv), pty=pty)


@dataclass(frozen=True)
class Case:
    """Operations, and how to see what they do.

    :ivar operations: their names.
    :ivar wanted: a deploy.
    :ivar check: shell syntax that succeeds once the deploy has been carried out, and not before.
    :ivar undo: a deploy that takes it back, after which ``check`` fails; ``None`` where nothing can.
    :ivar needs: programs, without which the case is skipped.
    :ivar prepare: shell syntax to run first.
    """

    operations: tuple[str, ...]
    wanted: Callable[[], Any] = field(repr=False)
    check: str
    undo: Callable[[], Any] | None = field(default=None, repr=False)
    needs: tuple[str, ...] = ()
    prepare: str = ":"

    def __str__(self) -> str:
        return f"{self.operations[0]}-{self.wanted.__name__}"


#: Starts a server of PostgreSQL on the socket in /run/pg, whose superuser is postgres.
POSTGRES = """mkdir -p /run/pg && chown postgres /run/pg && cd /run/pg && for p in /usr/lib/postgresql/*/bin; do :; done
setpriv --reuid=postgres --clear-groups $p/initdb -D data -A trust -U postgres -E UTF8 --no-sync >log 2>&1
setpriv --reuid=postgres --clear-groups $p/pg_ctl -D data -w -l data/log -o \
    '-c listen_addresses= -c unix_socket_directories=/run/pg -c fsync=off' start >log 2>&1
"""
#: Who runs what a deploy asks for: root who has logged in, or root by way of sudo, for a user who may do nothing else.
IDENTITIES = ("root", "sudo")
_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "HOME=/nonexistent")
_MAY_SUDO = "nobody ALL=(ALL:ALL) NOPASSWD: ALL\n"


def carry_out(
    box: Box, deploy: Callable[[], Any], identity: str = "root", *, ok: bool | None = True, **options: Any
) -> list[Any]:
    """Run a deploy in a box; return its events.

    :param ok: whether it has to go well; ``None``: it may fail.
    """
    sudo = identity == "sudo"
    inventory = Inventory((["box"], {}))
    inventory.get_host("box")._connector_cls = BoxConnector
    events: list[Any] = []
    run = Run(
        State(inventory, Config(SUDO=sudo)), [FunctionProgram(deploy, "deploy")], RunOptions(**options),
        [events.append], None, ConnectorOptions(settings={"box": box, "before": _NOBODY if sudo else ()}),
    )  # fmt: skip

    async def main() -> Any:
        return await run.execute()

    result = run_async(main())
    assert ok is None or result.ok is ok, [event for event in events if getattr(event, "failure", None)]
    return events


def predictions(events: list[Any]) -> list[Prediction]:
    return [event.prediction for event in events if isinstance(event, OperationPlanned)]


def outcomes(events: list[Any]) -> list[Outcome]:
    return [event.outcome for event in events if isinstance(event, OperationEnded)]


def may_sudo(box: Box, identity: str) -> None:
    """Let the user who runs deploys by way of sudo do so."""
    if identity == "sudo":
        box.needs("sudo", "setpriv")
        box.write("/etc/sudoers.d/nobody", _MAY_SUDO, "440")


def prove(box: Box, case: Case, identity: str = "root") -> None:
    """Plan, apply, look, plan and apply again, undo, look."""
    for program in case.needs:
        box.needs(program)
    may_sudo(box, identity)
    box.sh(case.prepare)
    assert box.status(case.check) != 0, "what is to be seen is there already"
    _changes(box, case.wanted, identity)
    assert box.status(case.check) == 0, box.sh(f"{{ {case.check}\n}} 2>&1", check=False)
    _nothing(box, case.wanted, identity)
    if case.undo is not None:
        _changes(box, case.undo, identity)
        assert box.status(case.check) != 0, "it is still there"
        _nothing(box, case.undo, identity)


def _changes(box: Box, deploy: Callable[[], Any], identity: str) -> None:
    before = box.files()
    planned = predictions(carry_out(box, deploy, identity, dry=True))
    assert set(planned) in ({Prediction.CHANGE}, {Prediction.CHANGE, Prediction.UNKNOWN})
    assert box.files() == before, f"the plan touched the host: {sorted(box.files() ^ before)}"
    assert set(outcomes(carry_out(box, deploy, identity))) == {Outcome.CHANGED}


def _nothing(box: Box, deploy: Callable[[], Any], identity: str) -> None:
    before = box.files()
    assert set(predictions(carry_out(box, deploy, identity, dry=True))) == {Prediction.NO_CHANGE}
    assert set(outcomes(carry_out(box, deploy, identity))) == {Outcome.OK}
    assert box.files() == before, f"the second time touched the host: {sorted(box.files() ^ before)}"


def named(cases: Sequence[Case]) -> Iterator[str]:
    return (str(case) for case in cases)
