"""How a process exits is a function of how its hosts ended."""

from __future__ import annotations

from itertools import product

import pytest

from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome, exit_status

OK, FAILED, UNREACHABLE, CANCELLED = HostStatus.OK, HostStatus.FAILED, HostStatus.UNREACHABLE, HostStatus.CANCELLED


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ([], 0),
        ([OK], 0),
        ([OK, OK], 0),
        ([OK, FAILED], 1),
        ([UNREACHABLE], 4),
        ([OK, UNREACHABLE], 4),
        ([UNREACHABLE, FAILED], 1),
        ([CANCELLED], 1),
        ([CANCELLED, UNREACHABLE], 4),
        ([CANCELLED, FAILED, UNREACHABLE, OK], 1),
    ],
)
def test_table(hosts: list[HostStatus], expected: int) -> None:
    assert exit_status(hosts) == expected
    assert exit_status(reversed(hosts)) == expected


def test_only_hosts_that_all_ended_well_end_well() -> None:
    for hosts in product(HostStatus, repeat=3):
        assert (exit_status(hosts) == 0) == (set(hosts) == {OK})
        assert (exit_status(hosts, changes_pending=True) in (0, 3)) == (set(hosts) == {OK})


def test_pending_changes_are_told_only_when_all_is_well() -> None:
    assert exit_status([OK], changes_pending=True) is ExitStatus.CHANGES
    assert exit_status([OK, FAILED], changes_pending=True) is ExitStatus.FAILED
    assert exit_status([UNREACHABLE], changes_pending=True) is ExitStatus.UNREACHABLE


@pytest.mark.parametrize("stopped_by", list(ExitStatus))
@pytest.mark.parametrize("host", list(HostStatus))
def test_what_stopped_the_run_outranks_the_hosts(stopped_by: ExitStatus, host: HostStatus) -> None:
    assert exit_status([host], stopped_by=stopped_by, changes_pending=True) is stopped_by


def test_every_exit_status_is_its_own_number() -> None:
    assert {status.name: int(status) for status in ExitStatus} == {
        "OK": 0, "FAILED": 1, "USAGE": 2, "CHANGES": 3, "UNREACHABLE": 4, "INTERNAL": 70, "INTERRUPTED": 130,
        "TERMINATED": 143,
    }  # fmt: skip


def test_which_outcomes_are_good() -> None:
    assert [outcome for outcome in Outcome if outcome.succeeded] == [Outcome.CHANGED, Outcome.OK]
