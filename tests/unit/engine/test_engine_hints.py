"""Failures that say what to do about them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.operations import run
from support.play import Stage

SU = '#!/bin/sh\nfor word; do :; done\nexec sh -c "$word"\n'


@pytest.mark.parametrize(
    ("command", "arguments", "hinted"),
    [
        ("no-such-program", {"_su_user": "root"}, True),
        ("no-such-program", {"_su_user": "root", "_use_su_login": True}, False),
        ("no-such-program", {}, False),
        ("echo not found >&2; exit 1", {"_su_user": "root"}, False),
        ("exit 127", {"_su_user": "root"}, False),
    ],
)
def test_programs_that_su_does_not_find(tmp_path: Path, command: str, arguments: dict[str, Any], hinted: bool) -> None:
    stage = Stage()
    stage.machines["a"].programs = tmp_path / "programs"
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs/su").write_text(SU)
    (tmp_path / "programs/su").chmod(0o755)
    failure = stage.play(lambda: run(command, name="x", **arguments), plan=False).ended("x").failure
    assert failure is not None
    assert ("_use_su_login=True" in (failure.hint or "")) is hinted
