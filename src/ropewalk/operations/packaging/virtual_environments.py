"""Virtual environments of Python: made once, whatever makes them, or removed."""

from __future__ import annotations

from ropewalk.api.context import current_host
from ropewalk.facts.files import File
from ropewalk.model.command import Change, Shell, Steps, sh
from ropewalk.shell.paths import path_word


def ensure_environment(path: str, present: bool, make: Shell) -> Steps:
    """Yield what makes a virtual environment, or removes it; nothing when it is as it should be.

    :param make: the command that makes it.
    """
    host = current_host.get()
    # The last file that is written: one that was left half made does not count.
    there = bool(host.get_fact(File, path=f"{path.rstrip('/')}/bin/activate"))
    if there == present:
        host.noop(f"{path} is {'' if present else 'not '}a virtual environment")
        return
    yield Change(path, "virtual environment" if there else None, "virtual environment" if present else None)
    yield make if present else sh("rm", "-rf", path_word(path))
