"""What operations are carried out on: a scratch directory of this machine, or a copy of the machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.apply_steps import Machine
from support.box import Box


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    (tmp_path / "local").mkdir()
    (tmp_path / "host").mkdir()
    monkeypatch.setenv("PWD_", "/a/b")
    monkeypatch.chdir(tmp_path / "host")
    return Machine(tmp_path / "local")


@pytest.fixture
def host(tmp_path: Path, here: Machine) -> Path:
    return tmp_path / "host"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A copy of this machine that the tests of a file share."""
    made = Box()
    yield made
    made.close()
