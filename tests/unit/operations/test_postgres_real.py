"""Operations on a real server of PostgreSQL: carried out, looked at by psql, and nothing to do the second time."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropewalk.api import Secret
from ropewalk.facts.postgres import PostgresDatabases, PostgresPasswords, PostgresRoles
from ropewalk.facts.postgresql import PostgresqlDatabases, PostgresqlRoles
from ropewalk.model.errors import FactError, OperationError
from ropewalk.operations import postgres, postgresql
from support.apply_steps import CommandFailed, Machine
from support.database_servers import PASSWORD, PostgresServer, no_postgres, postgres_server

pytestmark = pytest.mark.skipif(no_postgres() is not None, reason=str(no_postgres()))

#: Databases take a while, so there are few of these.
NAMES = ["-n", 'it\'s "x" $(id) `id` \\n', "a;b & c | d > * ? [e] %s #", "{f}^$ :USER\n☃ é"]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as made:
        yield made


@pytest.mark.parametrize("name", NAMES)
def test_a_role_and_its_database(here: Machine, server: PostgresServer, name: str) -> None:
    place = server.arguments
    here.converge(postgres.role, name, password=name, **place)
    here.converge(postgres.role, name, password=f"{name}!", connection_limit=2, createdb=True, login=False, **place)
    here.converge(postgres.database, name, owner=name, encoding="UTF8", template="template0", **place)
    here.converge(postgres.database, name, owner="postgres", connection_limit=3, lc_ctype="c.utf8", **place)
    quoted = name.replace("'", "''").replace("\\", "\\\\")
    found = server.query(f"SELECT rolcanlogin, rolcreatedb, rolconnlimit FROM pg_roles WHERE rolname = E'{quoted}'")
    assert found == "f|t|2"
    assert server.query(f"SELECT datconnlimit FROM pg_database WHERE datname = E'{quoted}'") == "3"
    here.converge(postgres.database, name, present=False, **place)
    here.converge(postgres.role, name, present=False, **place)
    assert server.query(f"SELECT count(*) FROM pg_roles WHERE rolname = E'{quoted}'") == "0"


def test_what_a_role_has(here: Machine, server: PostgresServer) -> None:
    everything = {"superuser": True, "inherit": True, "createdb": True, "createrole": True, "replication": True}
    here.converge(postgres.role, "plain", **server.arguments)
    here.converge(postgresql.role, "plain", **everything, **server.arguments)
    here.converge(postgres.role, "full", **everything, password="x", **server.arguments)
    assert server.query("SELECT rolsuper, rolinherit, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles "
                        "WHERE rolname IN ('plain', 'full')") == "t|t|t|t|t\nt|t|t|t|t"  # fmt: skip


def test_the_password_is_that_of_the_role(here: Machine, server: PostgresServer) -> None:
    """What is set can be logged in with; who may not see passwords sets them every time."""
    here.converge(postgres.role, "o'admin", password=PASSWORD, **server.arguments)
    here.converge(postgres.role, "lowly", createrole=True, **server.arguments)
    here.converge(postgres.role, "ward", **server.arguments)
    lowly = {**server.arguments, "psql_user": "lowly", "psql_password": None}
    here.apply(postgres.role, "ward", password="x", **lowly)
    assert here.evaluate(postgres.role, "ward", password="x", **lowly).steps
    assert here.evaluate(postgres.role, "ward", password="x", **server.arguments).steps == []


def test_sql_dump_and_load(here: Machine, server: PostgresServer, tmp_path: Path) -> None:
    place = {**server.arguments, "psql_database": "shop's"}
    here.converge(postgres.database, "shop's", **server.arguments)
    here.apply(postgres.sql, "CREATE TABLE t (a text); INSERT INTO t VALUES ('☃')", **place)
    here.apply(postgres.sql, Secret("INSERT INTO t VALUES ('it''s :USER \\! $x')"), **place)
    dest = tmp_path / "a dump"
    here.apply(postgres.dump, str(dest), **place)
    assert stat.S_IMODE(dest.stat().st_mode) == 0o644
    assert "☃" in dest.read_text()
    dest.chmod(0o640)
    here.apply(postgres.dump, str(dest), **place)
    assert stat.S_IMODE(dest.stat().st_mode) == 0o640
    here.apply(postgres.sql, "DROP TABLE t", **place)
    dest.write_text(dest.read_text() + "\n\\connect template1\nSELECT 1;\n")
    here.apply(postgres.load, str(dest), **place)
    assert server.query("SELECT a FROM t ORDER BY length(a)", "shop's") == "☃\nit's :USER \\! $x"


def test_statements_of_one_call_succeed_or_fail_together(here: Machine, server: PostgresServer) -> None:
    with pytest.raises(CommandFailed):
        here.apply(postgres.sql, "CREATE TABLE half (a int); SELECT nonsense", **server.arguments)
    assert server.query("SELECT to_regclass('half') IS NULL") == "t"


def test_failures_are_failures(here: Machine, server: PostgresServer, tmp_path: Path) -> None:
    place = server.arguments
    (tmp_path / "bad.sql").write_text("SELECT 1/0;\nSELECT 1;\n")
    for operation, argument in ((postgres.load, "bad.sql"), (postgres.load, "absent.sql"), (postgres.sql, "nonsense")):
        with pytest.raises(CommandFailed):
            here.apply(operation, argument if operation is postgres.sql else str(tmp_path / argument), **place)
    with pytest.raises(CommandFailed):
        here.apply(postgres.sql, Secret("SELECT 1/0; SELECT 1"), **place)
    with pytest.raises(FactError, match="password authentication failed"):
        here.evaluate(postgres.role, "x", **{**place, "psql_password": "wrong"})
    with pytest.raises(OperationError, match="cannot be changed"):
        here.evaluate(postgres.database, "postgres", encoding="LATIN1", **place)


def test_a_dump_that_fails_leaves_what_is_there(here: Machine, server: PostgresServer, tmp_path: Path) -> None:
    dest = tmp_path / "dump.sql"
    dest.write_text("yesterday's")
    with pytest.raises(CommandFailed):
        here.apply(postgres.dump, str(dest), **{**server.arguments, "psql_database": "absent"})
    assert dest.read_text() == "yesterday's"
    assert [path.name for path in tmp_path.glob("dump*")] == ["dump.sql"]


def test_a_dump_into_a_link(here: Machine, server: PostgresServer, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    here.apply(postgres.dump, str(tmp_path / "link"), **server.arguments)
    assert "PostgreSQL database dump" in (tmp_path / "real").read_text()
    assert (tmp_path / "link").is_symlink()


def test_a_service_of_the_surroundings_is_not_passed_over(
    here: Machine, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither is there a server that the deploy does not mean."""
    monkeypatch.setenv("PGSERVICE", "production")
    with pytest.raises(CommandFailed, match='"productionropewalk" not found'):
        here.apply(postgres.sql, "SELECT 1", **server.arguments)


def test_facts(here: Machine, server: PostgresServer) -> None:
    def read(fact: type, **place: str) -> dict:  # type: ignore[type-arg]
        return here.get_fact(fact, (), place)  # type: ignore[no-any-return]

    database = read(PostgresDatabases, **server.arguments)["template1"]
    assert {key: database[key] for key in ("encoding", "owner", "istemplate", "connlimit", "tablespace", "oid")} == {
        "encoding": "UTF8", "owner": "postgres", "istemplate": True, "connlimit": -1, "tablespace": 1663, "oid": 1,
    }  # fmt: skip
    assert isinstance(database["frozenxid"], int)
    assert database["acl"] == "{=c/postgres,postgres=CTc/postgres}"
    role = read(PostgresRoles, **server.arguments)["postgres"]
    assert {key: role[key] for key in ("super", "canlogin", "oid", "connlimit", "validuntil", "config")} == {
        "super": True, "canlogin": True, "oid": 10, "connlimit": -1, "validuntil": None, "config": None,
    }  # fmt: skip
    assert set(read(PostgresqlDatabases, **server.arguments)) >= {"postgres", "template0"}
    assert "pg_monitor" in read(PostgresqlRoles, **server.arguments)
    passwords = read(PostgresPasswords, **server.arguments)
    assert passwords["postgres"] is None
    assert "SCRAM" in passwords["o'admin"].value
    assert "SCRAM" not in repr(passwords)
    server.query("CREATE ROLE nosy LOGIN")
    assert read(PostgresPasswords, psql_user="nosy", psql_host=str(server.directory), psql_database="postgres") == {}
