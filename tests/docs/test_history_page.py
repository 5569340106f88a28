"""The page about history: what it shows happens, and it names every command and setting."""

from __future__ import annotations

from pathlib import Path

from ropewalk.api.config import Config
from ropewalk.cli.earlier import NAMES
from ropewalk.cli.history import FORMATS
from support.pages import ROOT, carry_out

PAGE = ROOT / "docs" / "history.md"


def test_everything_the_page_shows_happens(tmp_path: Path) -> None:
    assert len(carry_out(PAGE, tmp_path)) == 4


def test_everything_there_is_is_on_the_page() -> None:
    text = PAGE.read_text()
    settings = [name for name in vars(Config) if name.startswith("HISTORY") or name == "PENDING_CHANGES"]
    assert len(settings) == 4
    wanted = [*(f"ropewalk {name}" for name in NAMES), *(f"config.{name}" for name in settings), ", ".join(FORMATS)]
    assert [words for words in wanted if words not in text] == []
