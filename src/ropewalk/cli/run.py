"""Runs programs on hosts: the place where engine, reports and questions meet."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any, Literal

from ropewalk.api.connector import ConnectorOptions
from ropewalk.api.context import current_emit, use
from ropewalk.cli.options import Options
from ropewalk.cli.output import write_document, writing
from ropewalk.cli.prompt import Secrets, ask_secret, confirm
from ropewalk.cli.recall import Recall
from ropewalk.cli.remember import keep, remember
from ropewalk.cli.setup import Setup, prepare
from ropewalk.model.event import Event, Noted
from ropewalk.model.outcome import ExitStatus
from ropewalk.model.result import RunResult
from ropewalk.report.facts import FactTable

if TYPE_CHECKING:
    from ropewalk.cli.exports import Exports
    from ropewalk.report.progress import ProgressReport

#: Seconds that a second Ctrl-C leaves to each reader of an export.
LEAVING = 1.0

Listener = Callable[[Event], None]
Mode = Literal["deploy", "operation", "exec", "fact"]


class Session:
    """One invocation: its options, where data goes, who listens.

    :ivar data: what was standard output; everything else writes to standard error.
    """

    def __init__(self, options: Options, data: IO[str], exports: Exports) -> None:
        self.options, self.data, self.exports = options, data, exports
        self._progress: ProgressReport | None = None
        self._recall, self._inventory = Recall(), ""
        self.listeners: list[Listener] = [*self._reports(), *exports.listeners]

    def prepare(self, inventory: str) -> Setup:
        """Load config and inventory; what they have to say reaches the reports."""
        self._inventory = inventory
        with use(current_emit, self.emit):
            return prepare(self.options, inventory, lambda prompt: asyncio.run(ask_secret(prompt)), self._recall)

    def emit(self, event: Event) -> None:
        from ropewalk.engine.emit import Emitter

        Emitter(self.listeners)(event)

    def run(
        self, mode: Mode, setup: Setup, programs: Sequence[Any], *, plan: bool, apply: bool, ask: bool,
        on_output: Callable[[str, str, bytes], None] | None = None,
    ) -> RunResult:  # fmt: skip
        """Run programs and report; a host's failure is in the result.

        :param plan: whether to plan.
        :param apply: whether to apply.
        :param ask: whether to ask in between.
        :param on_output: takes what commands write, to the byte.
        """
        from ropewalk.engine.run import Run, RunOptions

        options = self.options
        fail_percent = options.fail_percent if options.fail_percent is not None else setup.config.FAIL_PERCENT
        facts = FactTable(every=mode != "fact") if options.debug_facts or mode == "fact" else None
        if facts is not None:
            self.listeners.append(facts)
        recording = remember(options, setup, self._recall, mode, self._inventory, programs, self._warn)
        run = Run(
            setup.state,
            programs,
            RunOptions(
                mode=mode,
                dry=options.dry and not apply,
                plan=plan,
                apply=apply,
                serial=options.serial,
                no_wait=options.no_wait,
                fail_percent=fail_percent,
                detailed_exitcode=options.detailed_exitcode,
                limit_hosts=setup.hosts,
                stream_output=mode == "exec" or options.verbosity >= 3 or options.events is not None,
                on_output=on_output,
            ),
            [*self.listeners, *([recording] if recording is not None else [])],
            self._confirm if ask else None,
            self._connector_options(setup),
            on_leave=lambda result: self._leave(result, facts),
            past=recording,
            modules=setup.modules,
        )
        result = asyncio.run(run.execute())
        try:
            self._write_data(result, facts)
        finally:
            if recording is not None:
                keep(recording, setup, self._warn)
        return result

    def plan_and_apply(self, mode: Mode, setup: Setup, programs: Sequence[Any]) -> int:
        """Plan, ask, apply, as far as the options say so; return the exit status."""
        options = self.options
        apply = not options.plan_only
        result = self.run(mode, setup, programs, plan=not options.no_plan, apply=apply, ask=apply and not options.yes)
        return self.status(result)

    def status(self, result: RunResult) -> int:
        return int(ExitStatus.INTERNAL if result.status is None else result.status)

    def _write_data(self, result: RunResult, facts: FactTable | None) -> None:
        """Write what the user asked for: one document, or the values of facts."""
        if self.options.json:
            every = facts.values if facts is not None and result.mode != "fact" else None
            write_document(result, self.data, facts=every)
        elif facts is not None and not self.options.stdout_is_taken:
            with writing(self.data):
                facts.write(self.data)

    def _warn(self, message: str) -> None:
        self.emit(Noted("warning", message))

    def _leave(self, result: RunResult, facts: FactTable | None) -> None:
        """Write everything there is: the process is about to end."""
        try:
            self._write_data(result, facts)
        finally:
            self.exports.close(patience=LEAVING)

    # -- what it is made of -----------------------------------------------------------------------------

    def _reports(self) -> Iterator[Listener]:
        from ropewalk.report.console import ConsoleOptions, ConsoleReport, NoteReport, make_console

        options, console = self.options, make_console(sys.stderr)
        if options.json:
            yield NoteReport(console, debug=options.debug)
            return
        from ropewalk.report.progress import ProgressReport, is_wanted

        if is_wanted(console) and options.verbosity < 3:  # else the output of commands moves enough
            self._progress = ProgressReport(console)
            yield self._progress
        verbosity = max(options.verbosity, int(options.debug_operations))
        debug = options.debug or options.debug_all
        shown = ConsoleOptions(verbosity=verbosity, diff=options.diff, debug=debug, stats=options.stats)
        yield ConsoleReport(console, shown)

    def _connector_options(self, setup: Setup) -> ConnectorOptions:
        options, config = self.options, setup.config
        settings = {"ssh_backend": config.SSH_BACKEND} if config.SSH_BACKEND else {}
        same = ("sudo password",) if options.same_sudo_password else ()
        return ConnectorOptions(
            connect_timeout=config.CONNECT_TIMEOUT,
            ask_secret=Secrets(same=same, pausing=self._still),
            settings=settings,
        )

    async def _confirm(self, result: RunResult) -> bool:
        with self._still():
            return await confirm("\nApply these changes?")

    @contextlib.contextmanager
    def _still(self) -> Iterator[None]:
        """Keep the screen still while a question is asked."""
        if self._progress is None:
            yield
            return
        with self._progress.still():
            yield
