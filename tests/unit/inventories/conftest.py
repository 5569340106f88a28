"""Files to load, and what is noted while they are loaded."""

from __future__ import annotations

import sys
import textwrap

import pytest

from ropewalk.api.context import current_emit, use


@pytest.fixture
def write(tmp_path):
    """Write files below a directory: ``write("a/b.py", text)``; ``write.cwd`` is the directory."""

    def write(name, text=""):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    write.cwd = tmp_path
    return write


@pytest.fixture
def noted():
    """The notes emitted in the test, as ``level: message``."""
    events = []
    with use(current_emit, lambda event: events.append(f"{event.level}: {event.message}")):
        yield events


@pytest.fixture(autouse=True)
def _modules_stay_as_they_are(tmp_path):
    before, path = set(sys.modules), list(sys.path)
    yield
    assert sys.path == path
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file is None or file.startswith(str(tmp_path)):  # libraries stay: what they have made is in use
            del sys.modules[name]
