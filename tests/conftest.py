"""Puts this directory on the import path, so that tests can use ``support``; skips what cannot be tested here."""

from __future__ import annotations

import os
import sys
import tempfile
import threading

import greenlet
import pytest

pytest.register_assert_rewrite("support")  # must come before any of it is imported

#: No test may read or write the history of whoever runs it; programs that tests start inherit this.
_STATE = tempfile.TemporaryDirectory(prefix="ropewalk-state-")
os.environ["XDG_STATE_HOME"] = _STATE.name

#: Where the tests run in CI, runs in them must not annotate the job or send traces.
for _name in [name for name in os.environ if name.startswith(("GITHUB_", "OTEL_"))]:
    del os.environ[_name]


def pytest_unconfigure() -> None:
    _STATE.cleanup()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("root") is not None and os.geteuid() != 0:
        pytest.skip("needs root")


def _keep_main_greenlets() -> None:
    """Never free the main greenlet of a thread while coverage is measured.

    Coverage knows greenlets by weak references. Were the last greenlet of a thread freed, greenlet would do so in a
    "pending call" of the interpreter, and the weak reference's callback, which is traced, would run in there; when
    another thread ends at that moment, CPython 3.11 repeats its first instruction for ever.
    """
    kept: list[greenlet.greenlet] = []
    # Not run(): some threads (those of rich) are of classes with another one.
    begin = threading.Thread._bootstrap_inner  # type: ignore[attr-defined]

    def keep_and_begin(self: threading.Thread) -> None:
        kept.append(greenlet.getcurrent())
        begin(self)

    threading.Thread._bootstrap_inner = keep_and_begin  # type: ignore[attr-defined]


if sys.version_info < (3, 12) and "coverage" in sys.modules:
    _keep_main_greenlets()
