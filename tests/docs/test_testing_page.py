"""The page about tests: its deploy, the tests of it, and the rehearsal."""

from __future__ import annotations

from pathlib import Path

from ropewalk.connectors.fake.data import FakeData
from support.pages import ROOT, blocks, carry_out

PAGE = ROOT / "docs" / "testing.md"


def test_what_the_page_shows(tmp_path: Path) -> None:
    assert len(carry_out(PAGE, tmp_path)) == 2
    assert len([block for block in blocks(PAGE) if block.file]) == 3


def test_every_part_of_an_answer_and_every_key_is_on_the_page() -> None:
    from ropewalk.connectors.fake.answers import _PARTS

    text = PAGE.read_text()
    assert [part for part in _PARTS if f"| `{part}` |" not in text] == []
    assert [key for key in FakeData.__annotations__ if f"| `{key}` |" not in text] == []
