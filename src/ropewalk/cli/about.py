"""What the HTML report says of a run besides its events: what it was of, when it began, who ran it, which commit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ropewalk import __version__
from ropewalk.history import tree
from ropewalk.history.recording import user_name

if TYPE_CHECKING:
    from ropewalk.history.store import RunRow


def about_now(asked: Sequence[str], mode: str, started: datetime | None, directory: str | None) -> dict[str, str]:
    """Return what is known of the run that has just ended.

    :param asked: the inventory and the words after it. Of commands and arguments nothing is told: they may be secret.
    :param directory: that of ``--chdir``.
    """
    place = os.path.abspath(directory or "")
    inventory, *words = asked or ("",)
    deploys = [word for word in words if word.endswith(".py")] if mode == "deploy" else []
    made = {"Deploy": " ".join(deploys)} if deploys else {"What": " ".join(words[:1]) or mode}
    commit = tree.commit_of(tree.root_of([os.path.join(place, deploys[0])])) if deploys else None
    made["Inventory"] = inventory
    if started is not None:
        made["Began"] = _time(started)
    made |= {"By": f"{user_name()} on {os.uname().nodename}", "In": place}
    if commit is not None:
        made["Commit"] = _commit(commit.id, commit.dirty)
    return {**made, "Version": __version__}


def about_earlier(run: RunRow) -> dict[str, str]:
    """Return what the history knows of a run."""
    made = {
        "Deploy" if run.mode == "deploy" else "What": run.what or run.mode,
        "Inventory": run.inventory,
        "Began": _time(datetime.fromisoformat(run.began)),
        "By": f"{run.user} on {run.machine}",
        "In": run.directory,
    }
    if run.git_commit is not None:
        made["Commit"] = _commit(run.git_commit, bool(run.git_dirty))
    if run.resumes is not None:
        made["Goes on with run"] = run.resumes
    return {**made, "Run": run.id, "Version": run.version}


def _commit(id: str, dirty: bool) -> str:
    return f"{id[:10]}{', with changes' if dirty else ''}"


def _time(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S %z}"
