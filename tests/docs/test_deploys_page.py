"""The page about deploys: what it shows happens, and it lists every global argument."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.pages import ROOT, blocks, carry_out

PAGE = ROOT / "docs" / "deploys.md"


def test_everything_the_page_shows_happens(tmp_path: Path) -> None:
    assert len(carry_out(PAGE, tmp_path)) > 12


def test_every_example_is_a_file_that_is_run() -> None:
    assert [block.line for block in blocks(PAGE) if block.language == "python" and block.file is None] == []


@pytest.mark.parametrize("tool", ["gen_tables.py", "gen_v3_call.py"])
def test_what_is_generated_is_up_to_date(tool: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / tool, "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
