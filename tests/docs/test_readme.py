"""The README does what it says."""

from __future__ import annotations

from pathlib import Path

from support.pages import ROOT, carry_out, matches


def test_everything_the_readme_shows_happens(tmp_path: Path) -> None:
    ran = carry_out(ROOT / "README.md", tmp_path)
    assert len([command for command in ran if command.startswith("ropewalk ")]) >= 6


def test_it_fits_on_a_screen_or_two() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 130


def test_output_is_compared() -> None:
    """The comparison that the other tests rely on."""
    assert matches(("one", "...", "done (0.1s)"), ["one", "two", "three", "done (12.7s)"])
    assert matches(("...",), [])
    assert matches(("...", "b"), ["a", "b"])
    assert not matches(("one",), ["one", "two"])
    assert not matches(("one", "two"), ["one"])
    assert not matches(("a.c",), ["abc"])
    assert not matches((), ["something"])
