"""Journals: written at once, recognised when they are left over."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ropewalk.history.journal import Claim, Journal, read


def test_lines_are_there_as_soon_as_they_are_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "runs" / "a.jsonl")
    journal.put(['{"a":1}'])
    assert [line for _, line in read(journal.path)] == []
    journal.write()
    assert [line for _, line in read(journal.path)] == [{"a": 1}]
    journal.close()
    journal.put(['{"b":2}'])
    journal.write()
    assert [line for _, line in read(journal.path)] == [{"a": 1}]


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "state" / "runs" / "a.jsonl")
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (journal.path.parent, tmp_path / "state")} == {0o700}


def test_a_journal_is_claimed_only_once_its_process_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    code = f"""
from pathlib import Path
from ropewalk.history.journal import Journal
journal = Journal(Path({str(path)!r}))
journal.put(["{{}}"])
journal.write()
print("written", flush=True)
input()
"""
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        assert Claim.of(path) is None
        process.kill()
        process.wait()
    claim = Claim.of(path)
    assert claim is not None
    with claim:
        assert Claim.of(path) is None  # one at a time
        claim.remove()
    assert Claim.of(path) is None


@pytest.mark.parametrize("cut", ['{"half":', "{", "\x00"])
def test_a_line_that_was_cut_off_ends_it(tmp_path: Path, cut: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"whole": 1}) + "\n" + cut)
    assert [line for _, line in read(path)] == [{"whole": 1}]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.jsonl")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, journal._descriptor)
    os.close(full)
    journal.put(["{}"])
    with pytest.raises(OSError, match="No space left"):
        journal.write()
    journal.close()
