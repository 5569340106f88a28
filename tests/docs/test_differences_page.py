"""The page about differences names all those that the tests and tools know of."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from support.pages import ROOT

PAGE = (ROOT / "docs" / "differences-from-pyinfra.md").read_text()


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def on_page(name: str) -> bool:
    return f"`{name}`" in PAGE or f"`{name.partition('.')[0]}.*`" in PAGE


def test_facts_that_show_something_else() -> None:
    explained = load(ROOT / "tools" / "compare_facts.py").EXPLAINED
    assert len(explained) > 5
    assert [name for name in explained if not on_page(name)] == []


def test_facts_that_are_declared_otherwise(monkeypatch) -> None:
    folder = ROOT / "tests" / "unit" / "surface"
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    tables = load(folder / "test_surface.py")
    names = {*tables.MORE, *tables.OTHER_VALUES, *tables.OTHER_PROGRAMS} - {"crontab.Crontab"}  # only its repr
    assert len(names) > 3
    assert [name for name in names if not on_page(name)] == []


def test_it_is_linked() -> None:
    for page in ("README.md", "migrating-from-pyinfra.md"):
        assert "(differences-from-pyinfra.md)" in (ROOT / "docs" / page).read_text()
