"""Has a run recorded, as config and options say."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ropewalk.cli.options import Options
from ropewalk.cli.recall import Recall
from ropewalk.cli.setup import Setup
from ropewalk.history.places import state_directory
from ropewalk.model.errors import RopewalkError, UsageError

if TYPE_CHECKING:
    from ropewalk.history.recording import Recording


def remember(
    options: Options, setup: Setup, recall: Recall, mode: str, inventory: str, programs: Sequence[Any],
    warn: Callable[[str], None],
) -> Recording | None:  # fmt: skip
    """Return what records a run, and knows what earlier ones left; ``None`` where nothing is recorded or asked for.

    :param warn: told what cannot be recorded.
    :raises UsageError: the run that is to be resumed cannot be.
    """
    if options.resume is not None and mode != "deploy":
        raise UsageError("--resume is for deploys", hint="--failed chooses the same hosts")
    config = setup.config
    history = config.HISTORY and not options.no_history and not options.plan_only
    pending = config.PENDING_CHANGES and mode == "deploy"
    if mode not in ("deploy", "operation") or not (history or pending or options.resume):
        return None
    from ropewalk.engine.identity import canonical, digest
    from ropewalk.history.recording import About, Recording, new_id

    deploys = tuple(os.path.abspath(program.name) for program in programs) if mode == "deploy" else ()
    wants_data = deploys and (history or options.resume is not None)
    data = {host.name: digest(canonical("", host.data.dict())) for host in setup.hosts} if wants_data else {}
    resumes, done = recall.done(options.resume, deploys, data) if options.resume is not None else (None, None)
    about = About(new_id(), mode, inventory, tuple(program.name for program in programs), deploys, data, resumes)
    return Recording(state_directory(), about, journal=history, pending=pending, warn=warn, done=done)


def keep(recording: Recording, setup: Setup, warn: Callable[[str], None]) -> None:
    """Put a run that has ended into the history."""
    if not recording.close():
        return
    from ropewalk.history.store import Retention, Store

    try:
        with Store(state_directory()) as store:
            store.forget(Retention(setup.config.HISTORY_DAYS, setup.config.HISTORY_RUNS))
    except RopewalkError as error:
        warn(f"this run is not in the history yet: {error}")
