"""The example of every operation is planned on a copy of this machine, through the whole engine: nothing is touched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ropewalk import host
from ropewalk.api import Operation
from ropewalk.facts.server import Command
from ropewalk.model.event import OperationPlanned
from support import example_calls
from support.box import Box, why_not
from support.boxed_runs import carry_out

pytestmark = [pytest.mark.root, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]

OPERATIONS = {place: op for place, op in example_calls.operations().items() if not place.startswith("python.")}
#: Why a host such as this one cannot be as an example wants it: programs, packages or files that are not there.
REFUSALS = {"OperationError", "FactError"}
#: What a package manager that is asked for the first time makes for itself: an empty database, directories above it.
OWN = re.compile(
    r"(root/\.rpmdb|var/lib/(rpm|pacman)|var/tmp/rpm-tmp\S*|root/\.local/share/flatpak|root/\.cargo)[/ ]"
    r"|(var|var/lib|var/tmp|root|root/\.local|root/\.local/share)? d "
)


def files(box: Box) -> set[str]:
    return {line for line in box.files() if not OWN.match(line)}


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    made = Box()
    yield made
    made.close()


@pytest.mark.parametrize("place", OPERATIONS)
def test_a_plan_touches_nothing(box: Box, place: str) -> None:
    operation: Operation[Any] = OPERATIONS[place]
    given = example_calls.example(operation)
    before = files(box)
    events = carry_out(box, lambda: operation(**given), ok=None, dry=True)
    assert files(box) == before, f"the plan touched the host: {sorted(files(box) ^ before)}"
    [planned] = [event for event in events if isinstance(event, OperationPlanned)]
    assert planned.failure is None or planned.failure.kind in REFUSALS, planned.failure


def test_what_a_plan_writes_is_seen(box: Box) -> None:
    before = files(box)
    carry_out(box, lambda: host.get_fact(Command, command="touch /srv/th-written"), dry=True)
    assert files(box) != before
