"""What tests of facts share: reading them here, and from recorded output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fact_reader import SHELLS, Reader, make_reader


@pytest.fixture(params=SHELLS)
def read(request: pytest.FixtureRequest) -> Reader:
    return make_reader(request.param)


@pytest.fixture
def process() -> Callable[[type[Any], str], Any]:
    """Turn recorded output into the value of a fact."""

    def run(fact: type[Any], output: str) -> Any:
        lines = output.split("\n")
        return fact().process(lines[:-1] if not lines[-1] else lines)

    return run
