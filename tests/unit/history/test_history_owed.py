"""The file of changes that something waits for."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.history.owed import Debts, OwedFile, changed, fold, paid, settled
from ropewalk.history.places import write_all
from ropewalk.model.past import Key


def key(name: str) -> Key:
    return Key(f"{name}-exact", f"{name}-unnamed", f"{name}-named")


CONFIG, UNIT = key("config"), key("unit")


def names(debts: Debts) -> dict[str, dict[str, set[str]]]:
    return {host: {exact: debt.paid for exact, debt in of.items()} for host, of in debts.items() if of}


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ([], {}),
        ([changed("a", "r1", "d", CONFIG)], {"a": {CONFIG.exact: set()}}),
        ([changed("a", "r1", "d", CONFIG), paid("a", CONFIG.exact, "x")], {"a": {CONFIG.exact: {"x"}}}),
        ([paid("a", CONFIG.exact, "x")], {}),
        (
            [changed("a", "r1", "d", CONFIG), paid("a", CONFIG.exact, "x"), changed("a", "r2", "d", CONFIG)],
            {"a": {CONFIG.exact: set()}},  # it changed again: what depends on it must run again
        ),
        ([changed("a", "r1", "d", CONFIG), settled("a", "d", [])], {}),
        ([changed("a", "r1", "d", CONFIG), settled("b", "d", [])], {"a": {CONFIG.exact: set()}}),
        ([changed("a", "r1", "d", CONFIG), settled("a", "other", [])], {"a": {CONFIG.exact: set()}}),
        (
            [changed("a", "r1", "d", CONFIG), changed("a", "r1", "d", UNIT), settled("a", "other", [CONFIG.exact])],
            {"a": {UNIT.exact: set()}},
        ),
    ],
)
def test_folding(lines: list[dict[str, Any]], left: dict[str, Any]) -> None:
    debts: Debts = {}
    for line in lines:
        fold(debts, line)
    assert names(debts) == left


def test_the_file_goes_when_nothing_is_owed(tmp_path: Path) -> None:
    file = OwedFile(tmp_path, "/srv/deploys")
    assert file.read() == {}
    file.append(changed("a", "r1", "d", CONFIG))
    file.append(changed("b", "r1", "d", CONFIG))
    file.append(settled("a", "d", []))
    [path] = (tmp_path / "owed").glob("*.jsonl")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    file.tidy()
    assert names(file.read()) == {"b": {CONFIG.exact: set()}}
    assert len(path.read_text().splitlines()) == 1
    file.append(settled("b", "d", []))
    file.tidy()
    assert list((tmp_path / "owed").glob("*.jsonl")) == []


def test_trees_do_not_share_a_file(tmp_path: Path) -> None:
    OwedFile(tmp_path, "/srv/one").append(changed("a", "r1", "d", CONFIG))
    assert OwedFile(tmp_path, "/srv/two").read() == {}


def test_a_line_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    file = OwedFile(tmp_path, "/srv")
    file.append(changed("a", "r1", "d", CONFIG))
    [path] = (tmp_path / "owed").glob("*.jsonl")
    path.write_text(path.read_text() + '{"host": "a", "run": "r2", "dep\n')
    file.append(changed("a", "r3", "d", UNIT))
    assert set(names(file.read())["a"]) == {CONFIG.exact, UNIT.exact}


def test_what_is_written_behind_a_line_that_was_cut_off_is_a_line_of_its_own(tmp_path: Path) -> None:
    OwedFile(tmp_path, "/srv").append(changed("a", "r1", "d", CONFIG))
    [path] = (tmp_path / "owed").glob("*.jsonl")
    path.write_text(path.read_text() + '{"host": "a", "run": "r2", "dep')
    file = OwedFile(tmp_path, "/srv")
    file.append(changed("a", "r3", "d", UNIT))
    file.close()
    assert set(names(file.read())["a"]) == {CONFIG.exact, UNIT.exact}


@pytest.mark.parametrize("what", [b"", b"x", b"x" * 100_000])
def test_everything_is_written_though_a_disk_takes_parts(monkeypatch: pytest.MonkeyPatch, what: bytes) -> None:
    taken = bytearray()

    def write(descriptor: int, data: memoryview) -> int:
        taken.extend(data[:4096])
        return len(data[:4096])

    monkeypatch.setattr(os, "write", write)
    write_all(1, what)
    assert bytes(taken) == what


def test_nothing_gets_lost_between_two_runs(tmp_path: Path) -> None:
    one, two = OwedFile(tmp_path, "/srv"), OwedFile(tmp_path, "/srv")
    steps: list[Callable[[], None]] = [
        lambda: one.append(changed("a", "r1", "d", CONFIG)),
        two.tidy,
        lambda: two.append(changed("b", "r2", "d", CONFIG)),
        lambda: one.append(settled("a", "d", [])),
        one.tidy,
        lambda: two.append(paid("b", CONFIG.exact, "x")),
        two.tidy,
    ]
    for step in steps:
        step()
    assert names(one.read()) == {"b": {CONFIG.exact: {"x"}}}
