"""A scratch directory in which operations are carried out on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.apply_steps import Machine


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
