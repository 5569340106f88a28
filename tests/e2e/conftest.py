"""Test hosts for the whole session, and a directory to run ropewalk in for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.e2e_lab import Lab, running, unavailable
from support.e2e_site import Site

COUNT = 10


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here as needing hosts."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.hosts)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    reason = unavailable()
    if reason is not None:
        pytest.skip(reason)
    with running(COUNT) as lab:
        if isinstance(lab, str):
            pytest.skip(lab)
        yield lab


@pytest.fixture
def site(lab: Lab, tmp_path: Path) -> Callable[[int], Site]:
    """Return a function that gives so many hosts as if new."""

    def make(count: int) -> Site:
        made = Site(tmp_path, lab, lab.fresh(count))
        made.inventory()
        return made

    return make
