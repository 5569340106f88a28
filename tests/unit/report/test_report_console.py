"""What people read, compared with pages under ``tests/golden``.

``ROPEWALK_GOLDEN=write pytest tests/unit/report`` writes the pages anew: read what has changed before you commit.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from stories import STORIES

from ropewalk.report.console import ConsoleOptions, ConsoleReport, make_console

GOLDEN = Path(__file__).parents[2] / "golden" / "console"

VARIANTS = {
    **{name: (name, ConsoleOptions()) for name in STORIES},
    "everything_well.v": ("everything_well", ConsoleOptions(verbosity=1, diff=True, stats=True)),
    "verbose_details.vvv": ("verbose_details", ConsoleOptions(verbosity=3)),
    "deploy_code_raises.debug": ("deploy_code_raises", ConsoleOptions(debug=True)),
    "bug_in_ropewalk.debug": ("bug_in_ropewalk", ConsoleOptions(debug=True)),
    "hostile_text.diff": ("hostile_text", ConsoleOptions(verbosity=1, diff=True)),
}


def page(name: str, options: ConsoleOptions) -> str:
    file = io.StringIO()
    report = ConsoleReport(make_console(file, width=100), options)
    for event in STORIES[name]():
        report(event)
    return file.getvalue()


@pytest.mark.parametrize("variant", VARIANTS)
def test_page_is_as_kept(variant: str) -> None:
    name, options = VARIANTS[variant]
    made, kept = page(name, options), GOLDEN / f"{variant}.txt"
    if os.environ.get("ROPEWALK_GOLDEN") == "write":
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(made)
    assert made == kept.read_text()


def test_no_page_is_kept_that_nothing_makes() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(VARIANTS)


@pytest.mark.parametrize("name", STORIES)
def test_no_control_character_reaches_the_terminal(name: str) -> None:
    made = page(name, ConsoleOptions(verbosity=3, diff=True, debug=True, stats=True))
    assert not set(made) & {"\x1b", "\x07", "\r", "\u202e"}
