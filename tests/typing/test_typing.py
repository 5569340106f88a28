"""Runs mypy over files of calls that it must accept and calls that it must refuse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

api = pytest.importorskip("mypy.api")

ROOT = Path(__file__).parents[2]
FILES = sorted(path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith(("test_", "conftest")))


def test_there_are_files_to_check() -> None:
    assert FILES


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_exactly_the_marked_lines_are_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    out, err, _ = api.run(["--config-file", "pyproject.toml", "--no-error-summary", str(file)])
    assert err == ""
    refused = {int(line) for line in re.findall(rf"{re.escape(file.name)}:(\d+): error:", out)}
    marked = {number for number, line in enumerate(file.read_text().splitlines(), 1) if line.endswith("# E")}
    assert marked
    assert refused == marked, out
