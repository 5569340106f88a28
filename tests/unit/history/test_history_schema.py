"""Databases of every earlier version become the newest, with all that is in them."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from ropewalk.history.schema import VERSIONS, NewerHistory, migrate
from ropewalk.history.store import Store

FIXTURES = sorted((Path(__file__).parent / "schemas").glob("*.sql"), key=lambda path: int(path.stem))


def shape(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    """Return tables, indexes and views, whatever the white space they were written with."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
    return [(kind, name, " ".join(sql.split())) for kind, name, sql in rows]


def fresh() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    return connection


def test_there_is_a_fixture_of_every_version() -> None:
    assert [path.stem for path in FIXTURES] == [str(number) for number in range(1, len(VERSIONS) + 1)]


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_an_earlier_version_becomes_the_newest(fixture: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    connection.executescript(fixture.read_text())
    connection.close()
    with Store(tmp_path) as store:
        assert shape(store.connection) == shape(fresh())
        assert store.connection.execute("PRAGMA user_version").fetchone() == (len(VERSIONS),)
        row = store.run("00c0")
        assert (row.status, row.failed_hosts, row.failed, row.what) == ("failed", 1, 1, "deploy.py")
        assert store.rows("SELECT host, name, message FROM failures") == [("web1", "Install", "exit status 1")]


def test_a_later_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(VERSIONS) + 1}")
    connection.close()
    with pytest.raises(NewerHistory, match="later version"):
        Store(tmp_path)


def test_two_at_once_make_the_tables_once(tmp_path: Path) -> None:
    errors: list[BaseException] = []
    start = threading.Barrier(4)

    def work() -> None:
        try:
            start.wait()
            Store(tmp_path).close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
