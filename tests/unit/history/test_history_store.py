"""The database: runs by words, what is dropped, runs that were killed, what differs, what is slow."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ropewalk.history import questions
from ropewalk.history.codec import Encoder, dumps
from ropewalk.history.journal import Journal
from ropewalk.history.store import HistoryUnusable, Retention, Store
from ropewalk.model.errors import UsageError
from ropewalk.model.event import (
    CommandResult,
    Event,
    Failure,
    HostEnded,
    Location,
    OperationEnded,
    OperationInfo,
    OperationStarted,
    PassEnded,
    PassStarted,
    RunEnded,
    RunStarted,
)
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome
from ropewalk.model.result import RunResult

INSTALL = OperationInfo("op1", "Install", "apt.packages", (), Location("deploy.py", 3), None, (0, 3))
INNER = OperationInfo("op2", "Inner", "server.shell", (), Location("deploy.py", 5), "op1", (0, 3, 5))


def journal(directory: Path, id: str, events: Sequence[Event], *, age: float = 0) -> None:
    """Leave the journal of a run that began so many days ago."""
    made = Journal(directory / "runs" / f"{id}.jsonl")
    began = (datetime.now(UTC) - timedelta(days=age)).isoformat(timespec="milliseconds")
    head = {
        "run": id, "began": began, "mode": "deploy", "inventory": "hosts", "what": ["deploy.py"], "user": "ada",
        "deploys": ["/srv/deploy.py"], "root": "/srv", "machine": "desk", "directory": "/srv", "data": {"a": "d"},
        "resumes": None,
    }  # fmt: skip
    made.put([dumps(head), dumps({"code": {"deploy.py": "1"}}), dumps({"commit": "c0ffee", "dirty": True})])
    encoder = Encoder()
    for number, event in enumerate(events):
        if isinstance(event, OperationEnded):
            about = {"host": event.host, "of": event.operation.id, "key": event.operation.name, "content": ""}
            made.put([dumps({**about, "outcome": event.outcome})])
        made.put(encoder.lines(event, number))
    made.write()
    made.close()


def ended(
    host: str, outcome: Outcome = Outcome.CHANGED, operation: OperationInfo = INSTALL, seconds: float = 1.0
) -> Event:
    if outcome is not Outcome.FAILED:
        return OperationEnded(host, operation, outcome, seconds)
    went_well = CommandResult("apt-get x", 0, True, 0.1)
    did_not = CommandResult("apt-get y", 100, False, 0.1, "", "no y\n", "exit status 100")
    failure = Failure("CommandFailed", "exit status 100")
    return OperationEnded(host, operation, outcome, seconds, commands=(went_well, did_not), failure=failure)


def whole(
    *hosts: tuple[str, HostStatus], outcome: Outcome = Outcome.CHANGED, status: ExitStatus = ExitStatus.OK
) -> list[Event]:
    names = tuple(name for name, _ in hosts)
    steps: list[Event] = [RunStarted(names, "0.1", "deploy")]
    for name, of in hosts:
        steps += [ended(name, outcome), HostEnded(name, of, Failure("K", "why") if of is not HostStatus.OK else None)]
    return [*steps, RunEnded(status, 3.0)]


OK = whole(("a", HostStatus.OK))
FAILED = whole(("a", HostStatus.FAILED), outcome=Outcome.FAILED, status=ExitStatus.FAILED)


def test_a_run_becomes_rows(tmp_path: Path) -> None:
    journal(tmp_path, "aa000001", FAILED)
    with Store(tmp_path) as store:
        [row] = store.runs()
        assert (row.id, row.status, row.exit_code, row.seconds) == ("aa000001", "failed", 1, 3.0)
        assert (row.git_commit, row.git_dirty, row.user, row.what) == ("c0ffee", 1, "ada", "deploy.py")
        assert (row.hosts, row.failed_hosts, row.failed) == (1, 1, 1)
        assert store.rows("SELECT name, status, message, data FROM hosts") == [("a", "failed", "why", "d")]
        assert store.rows("SELECT name, function, file, line, position FROM operations") == [
            ("Install", "apt.packages", "deploy.py", 3, "[0,3]")
        ]
        assert store.rows("SELECT command, exit_code, stderr FROM commands") == [("apt-get y", 100, "no y\n")]
        assert [event for _, event in store.events("aa000001")] == FAILED
    assert list((tmp_path / "runs").iterdir()) == []


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    journal(tmp_path, "aa000001", OK)
    with Store(tmp_path) as store:
        store.forget(Retention(1, 1))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("history.db*")}
    assert modes
    assert set(modes.values()) == {0o600}


def test_a_run_that_was_killed_has_an_end(tmp_path: Path) -> None:
    begun = [RunStarted(("a", "b"), "0.1", "deploy"), PassStarted("apply"), ended("a"), HostEnded("a", HostStatus.OK)]
    under_way: list[Event] = [OperationStarted("b", INSTALL), OperationStarted("b", INNER)]
    journal(tmp_path, "aa000001", [*begun, *under_way])
    with Store(tmp_path) as store:
        row = store.run("last")
        told = [event for _, event in store.events(row.id)][len(begun) + len(under_way) :]
        assert [type(event) for event in told] == [OperationEnded, OperationEnded, HostEnded, PassEnded, RunEnded]
        assert store.rows("SELECT operation, outcome FROM results WHERE host = 'b'") == [
            ("op2", "cancelled"), ("op1", "cancelled"),
        ]  # fmt: skip
        assert (row.status, row.exit_code, row.message) == ("killed", None, "its process ended before the run did")
        assert questions.failed_hosts(store, row) == ["b"]
        result = RunResult()
        for _, event in store.events(row.id):
            result.take(event)
        assert result.status is ExitStatus.TERMINATED
        assert {name: host.status for name, host in result.hosts.items()} == {
            "a": HostStatus.OK, "b": HostStatus.CANCELLED,
        }  # fmt: skip


def test_a_journal_that_says_nothing_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "aa.jsonl").write_text('{"ru')
    with Store(tmp_path) as store:
        assert store.runs() == []
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize("line", ['{"event": "HostEnded"}', '{"key": "k"}', "3", '{"operation": 3}'])
def test_a_damaged_journal_is_told_by_its_name(tmp_path: Path, line: str) -> None:
    journal(tmp_path, "aa000001", OK)
    with (tmp_path / "runs" / "aa000001.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(HistoryUnusable, match=r"cannot take in .*aa000001.jsonl, which is damaged: .*; remove it"):
        Store(tmp_path)


def test_a_full_disk_is_told_with_the_file_and_loses_nothing(tmp_path: Path) -> None:
    journal(tmp_path, "aa000001", OK)
    Store(tmp_path).close()
    large = OperationInfo("op1", "x" * 300_000, "server.shell", order=(0,))
    journal(tmp_path, "aa000002", [OK[0], ended("a", operation=large), *OK[2:]])
    before, Store.PRAGMAS = Store.PRAGMAS, (*Store.PRAGMAS, "max_page_count = 30")
    try:
        with pytest.raises(HistoryUnusable, match=r"history.db: database or disk is full"):
            Store(tmp_path)
    finally:
        Store.PRAGMAS = before
    with Store(tmp_path) as store:
        assert [row.id for row in store.runs()] == ["aa000002", "aa000001"]


def test_a_run_is_taken_in_once(tmp_path: Path) -> None:
    for _ in range(2):
        journal(tmp_path, "aa000001", OK)
        with Store(tmp_path) as store:
            assert len(store.runs()) == 1


@pytest.fixture
def three(tmp_path: Path) -> Path:
    for age, id in enumerate(["bb000003", "ab000002", "aa000001"]):
        journal(tmp_path, id, OK, age=age)
    return tmp_path


@pytest.mark.parametrize(
    ("word", "id"),
    [
        ("last", "bb000003"), ("-1", "bb000003"), ("-2", "ab000002"), ("-3", "aa000001"), ("b", "bb000003"),
        ("aa", "aa000001"), ("ab000002", "ab000002"),
    ],
)  # fmt: skip
def test_words_for_a_run(three: Path, word: str, id: str) -> None:
    with Store(three) as store:
        assert store.run(word).id == id


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("a", "the beginning of 2 runs"), ("c", "no run c in the history"), ("-4", "no run -4"), ("-0", "not a run"),
        ("", "not a run"), ("x", "not a run"), ("%", "not a run"), ("ab'", "not a run"), ("ab000002f", "no run"),
    ],
)  # fmt: skip
def test_words_for_no_run(three: Path, word: str, says: str) -> None:
    with Store(three) as store, pytest.raises(UsageError, match=says):
        store.run(word)


@pytest.mark.parametrize(
    ("retention", "left"),
    [
        (Retention(), 3), (Retention(days=1.5), 2), (Retention(runs=1), 1), (Retention(days=0.5, runs=2), 1),
        (Retention(runs=0), 0), (Retention(days=100, runs=100), 3),
    ],
)  # fmt: skip
def test_what_is_old_goes_with_all_its_rows(three: Path, retention: Retention, left: int) -> None:
    with Store(three) as store:
        store.forget(retention)
        assert [row.id for row in store.runs()] == ["bb000003", "ab000002", "aa000001"][:left]
        for table in ("hosts", "results", "operations"):
            assert store.rows(f"SELECT count(DISTINCT run) FROM {table}") == [(left,)]


def test_how_two_runs_differ(tmp_path: Path) -> None:
    journal(tmp_path, "aa000001", FAILED, age=1)
    steps = [
        RunStarted(("a",), "0.1", "deploy"),
        ended("a"),
        ended("a", operation=INNER),
        HostEnded("a", HostStatus.OK),
    ]
    journal(tmp_path, "aa000002", [*steps, RunEnded(ExitStatus.OK, 1.0)])
    with Store(tmp_path) as store:
        found = questions.differences(store, store.run("-2"), store.run("-1"))
        assert [(d.host, d.operation, d.before, d.after) for d in found] == [
            ("a", "(host)", "failed", "ok"), ("a", "Install", "failed", "changed"), ("a", "Inner", None, "changed"),
        ]  # fmt: skip
        assert questions.differences(store, store.run("-1"), store.run("-1")) == []


def test_what_is_slow_and_what_is_flaky(tmp_path: Path) -> None:
    steps = [RunStarted(("a", "b"), "0.1", "deploy"), ended("a", seconds=4), ended("b", seconds=2)]
    ends = [
        ended("b", operation=INNER, seconds=1),
        HostEnded("a", HostStatus.OK),
        HostEnded("b", HostStatus.UNREACHABLE),
    ]
    journal(tmp_path, "aa000001", [*steps, *ends, RunEnded(ExitStatus.UNREACHABLE, 9.0)], age=1)
    journal(tmp_path, "aa000002", whole(("b", HostStatus.OK)))
    with Store(tmp_path) as store:
        slow = questions.slowest(store, 5)
        assert [(entry.operation, entry.times, entry.longest) for entry in slow] == [
            ("Install", 3, 4.0),
            ("Inner", 1, 1.0),
        ]
        [flaky] = questions.flakiest(store, 5)
        assert (flaky.host, flaky.runs, flaky.failed, flaky.unreachable) == ("b", 2, 0, 1)


def test_resuming_needs_the_same_deploy(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "deploy.py").write_text("1")
    journal(tmp_path, "aa000001", FAILED)
    with Store(tmp_path) as store:
        run = store.run("last")
        for deploys, says in [(("/srv/other.py",), "it was of deploy.py"), ((), "it was of"),
                              (("/srv/deploy.py",), "deploy.py changed since")]:  # fmt: skip
            with pytest.raises(UsageError, match=says):
                questions.check_same(store, run, deploys, {"a": "d"})


def test_a_directory_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryUnusable, match="Not a directory"):
        Store(tmp_path / "file" / "ropewalk")


def test_a_damaged_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_bytes(b"not a database at all, but long enough to be looked at" * 40)
    with pytest.raises(HistoryUnusable, match="not a database"):
        Store(tmp_path)
