"""Operations on a real server of MariaDB: carried out, looked at by its client, and nothing to do the second time."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropewalk.api import Secret
from ropewalk.facts.mysql import MysqlDatabases, MysqlUserGrants, MysqlUsers
from ropewalk.model.errors import FactError
from ropewalk.operations import mysql
from support.apply_steps import CommandFailed, Machine
from support.database_servers import ADMIN, PASSWORD, MariadbServer, mariadb_server, no_mariadb
from support.hostile import HOSTILE

pytestmark = pytest.mark.skipif(no_mariadb() is not None, reason=str(no_mariadb()))

NAMES = [*HOSTILE[::3], "two\nlines", "Ünï'cö`dé\"", "a\\'b"]


@pytest.fixture(scope="module")
def server() -> Iterator[MariadbServer]:
    """A server that clients find by the user's configuration, which has a password that is not the administrator's."""
    with mariadb_server() as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(made.home))
        yield made


@pytest.mark.parametrize("name", NAMES)
def test_a_user_and_a_database(here: Machine, server: MariadbServer, name: str) -> None:
    place, user = server.arguments, {"user_hostname": f"h {name}"}
    here.converge(mysql.user, name, password=name, max_connections=3, **user, **place)
    here.converge(mysql.user, name, password=f"{name}!", max_updates_per_hour=2, require="SSL", **user, **place)
    here.converge(mysql.user, name, require="X509", require_cipher=name, require_subject="s", **user, **place)
    here.converge(mysql.user, name, require="NONE", privileges="SELECT", **user, **place)
    here.converge(mysql.user, name, privileges="", **user, **place)
    here.converge(mysql.database, name, charset="utf8mb4", user=name, **user, **place)
    here.converge(mysql.database, name, charset="latin1", collate="latin1_bin", **place)
    here.converge(mysql.database, name, charset="utf8", **place)
    server.query("CREATE TABLE t (a INT, `b``( ,` INT)", "--database", name)
    where = {**user, "database": name, "table": "t"}
    for wanted in (["SELECT (a, `b``( ,`)", "INSERT (a)"], "SELECT (`b``( ,`), UPDATE", "ALL", "UPDATE", []):
        here.converge(mysql.privileges, name, wanted, **where, **place)
    here.converge(mysql.privileges, name, "ALL", with_grant_option=True, **where, **place)
    here.converge(mysql.privileges, name, "ALL", **where, **place)
    here.converge(mysql.database, name, present=False, **place)
    here.converge(mysql.user, name, present=False, **user, **place)
    assert server.query("SELECT COUNT(*) FROM mysql.global_priv WHERE Host LIKE 'h %'") == "0"


def test_a_user_can_log_in_with_the_password(here: Machine, server: MariadbServer) -> None:
    here.converge(mysql.user, ADMIN, password=PASSWORD, **server.arguments)
    for password in ("first", 'it"s #2\\', "a\tb\nc"):
        here.converge(mysql.user, "ann", password=password, **server.arguments)
        here.apply(mysql.sql, "SELECT 1", mysql_user="ann", mysql_password=password)
    with pytest.raises(FactError, match="Access denied"):
        here.evaluate(mysql.user, "ann", mysql_user="ann", mysql_password="wrong")


def test_everything_everywhere(here: Machine, server: MariadbServer) -> None:
    here.converge(mysql.user, "all", privileges="ALL", **server.arguments)
    here.converge(mysql.privileges, "all", ["SELECT", "SUPER"], **server.arguments)
    assert server.query("SHOW GRANTS FOR 'all'@localhost").startswith("GRANT SELECT, SUPER ON *.* TO `all`@`localhost`")


def test_sql_dump_and_load(here: Machine, server: MariadbServer, tmp_path: Path) -> None:
    place = {**server.arguments, "database": "shop's"}
    here.converge(mysql.database, "shop's", charset="utf8mb4", **server.arguments)
    here.apply(mysql.sql, "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('☃')", **place)
    here.apply(mysql.sql, Secret("INSERT INTO t VALUES ('it''s $x')"), **place)
    dest = tmp_path / "a dump"
    here.apply(mysql.dump, str(dest), **place)
    assert stat.S_IMODE(dest.stat().st_mode) == 0o644
    here.apply(mysql.sql, "DROP TABLE t", **place)
    here.apply(mysql.load, str(dest), **place)
    assert server.query("SELECT a FROM t", "--database", "shop's") == "☃\nit's $x"
    here.apply(mysql.dump, str(dest), **server.arguments)
    assert "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `mysql`" in dest.read_text()


def test_failures_are_failures(here: Machine, server: MariadbServer, tmp_path: Path) -> None:
    (tmp_path / "bad.sql").write_text("SELECT nonsense;\nSELECT 1;\n")
    (tmp_path / "dump").write_text("yesterday's")
    for operation, argument, more in (
        (mysql.load, str(tmp_path / "bad.sql"), {}),
        (mysql.load, str(tmp_path / "absent.sql"), {}),
        (mysql.sql, "nonsense", {}),
        (mysql.sql, Secret("nonsense; SELECT 1"), {}),
        (mysql.dump, str(tmp_path / "dump"), {"database": "absent"}),
    ):
        with pytest.raises(CommandFailed):
            here.apply(operation, argument, **more, **server.arguments)
    assert (tmp_path / "dump").read_text() == "yesterday's"
    assert [path.name for path in tmp_path.glob("dump*")] == ["dump"]


def test_facts(here: Machine, server: MariadbServer) -> None:
    def read(fact: type, *args: str) -> dict:  # type: ignore[type-arg]
        return here.get_fact(fact, args, server.arguments)  # type: ignore[no-any-return]

    assert read(MysqlDatabases)["mysql"] == {"character_set": "latin1", "collation_name": "latin1_swedish_ci"}
    server.query("CREATE USER 'a b'@'%' IDENTIFIED BY 'x' WITH MAX_QUERIES_PER_HOUR 5; GRANT SELECT, UPDATE ON *.* TO "
                 "'a b'@'%'; GRANT ALL ON `d``b`.* TO 'a b'@'%' WITH GRANT OPTION; GRANT SELECT (User), INSERT ON "
                 "mysql.user TO 'a b'@'%'; CREATE ROLE r; GRANT r TO 'a b'@'%'")  # fmt: skip
    user = read(MysqlUsers)["a b@%"]
    wanted = {"plugin": "mysql_native_password", "max_questions": 5, "max_user_connections": 0, "ssl_type": None,
              "is_role": False, "password_expired": False, "privileges": ["Select", "Update"],
              "Password": "*B69027D44F6E5EDC07F1AEAD1477967B16F28227"}  # fmt: skip
    assert {key: user[key] for key in wanted} == wanted
    assert read(MysqlUserGrants, "a b", "%") == {
        "*.*": {"SELECT", "UPDATE"},
        "`d``b`.*": {"ALL PRIVILEGES", "GRANT OPTION"},
        "`mysql`.`user`": {"SELECT (`User`)", "INSERT"},
    }
    assert read(MysqlUserGrants, "nobody's") == {}
