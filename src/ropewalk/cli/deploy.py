"""``ropewalk INVENTORY deploy.py ...``: run deploy files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ropewalk.cli.run import Session
from ropewalk.model.errors import LoadError, UsageError
from ropewalk.model.suggest import did_you_mean


def run(session: Session, inventory: str, files: Sequence[str]) -> int:
    """Run deploy files, one after the other, and return the exit status."""
    from ropewalk.engine.program import DeployFile

    setup = session.prepare(inventory)
    check(files)
    return session.plan_and_apply("deploy", setup, [DeployFile(file) for file in files])


def check(files: Sequence[str]) -> None:
    """Raise ``UsageError`` unless all of these are deploy files."""
    for file in files:
        if not file.endswith(".py"):
            raise UsageError(f"{file} is not a deploy file: deploy files end with .py", hint=_mixed(file))
        path = Path(file)
        if path.is_dir():
            raise LoadError(f"the deploy {file} is a directory, not a file")
        if not path.exists():
            near = [str(found) for found in path.parent.glob("*.py")]
            raise LoadError(f"there is no deploy file {file}", hint=did_you_mean(file, near, kind="Python files there"))


def _mixed(word: str) -> str | None:
    if "." in word or ":" in word:
        return "deploy files and operations cannot be mixed: run them one after the other"
    return None
