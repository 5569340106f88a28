"""``_chdir`` and relative paths: files go where facts looked for them, and come from there."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ropewalk.api import Upload
from ropewalk.model.command import Download, UploadTree
from ropewalk.model.outcome import Outcome
from support.operations import steps
from support.play import Stage


@pytest.mark.parametrize("alone", [{}, {"_retries": 1}], ids=["in a chain", "step by step"])
@pytest.mark.parametrize("size", [3, 100_000], ids=["small", "large"])
def test_uploads(tmp_path: Path, alone: dict[str, int], size: int) -> None:
    stage = Stage(root=tmp_path)
    inner = tmp_path / "a" / "in ner"
    inner.mkdir()
    played = stage.play(lambda: steps(Upload(b"x" * size, "f"), "cat f >g", _chdir="in ner", **alone))
    assert [outcome for _, outcome in played.outcomes()] == [Outcome.CHANGED]
    assert (inner / "g").stat().st_size == size
    assert not (tmp_path / "a" / "f").exists()


def test_trees_and_downloads(tmp_path: Path) -> None:
    stage = Stage(root=tmp_path)
    inner, local, got = tmp_path / "a" / "inner", tmp_path / "local", io.BytesIO()
    inner.mkdir()
    local.write_text("content")
    given = UploadTree("tree", {"d/f": (str(local), None)})
    played = stage.play(lambda: steps(given, Download("tree/d/f", got), _chdir="inner"))
    assert [outcome for _, outcome in played.outcomes()] == [Outcome.CHANGED]
    assert (inner / "tree/d/f").read_text() == got.getvalue().decode() == "content"


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    played = Stage(root=tmp_path).play(lambda: steps(Upload(b"x", "f"), _chdir="none"))
    assert [outcome for _, outcome in played.outcomes()] == [Outcome.FAILED]
    assert not list((tmp_path / "a").iterdir())
