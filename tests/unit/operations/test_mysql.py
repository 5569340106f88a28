"""Operations on MySQL and MariaDB: what is yielded for every state a server may be in, and how secrets travel.

What MySQL 8 does differently from MariaDB is recorded from its documentation: lists of privileges on ``*.*``, and the
formats of passwords.
"""

from __future__ import annotations

import re
import shlex

import pytest

from ropewalk.facts.mysql import MysqlDatabases, MysqlUserGrants, MysqlUsers
from ropewalk.model.command import MASK, Change, Secret
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import mysql
from ropewalk.operations.mysql.grants import Privilege, difference, listed, read
from ropewalk.operations.mysql.passwords import is_password, sha256_crypt
from ropewalk.testing import evaluate, fact_key
from support.hostile import HOSTILE

NATIVE = "*58815970BE77B3720276F63DB198B1FA42E5CC02"  # of hunter2
ANN = {
    "ssl_type": None, "ssl_cipher": None, "x509_issuer": None, "x509_subject": None, "max_questions": 0,
    "max_updates": 0, "max_connections": 0, "max_user_connections": 3, "plugin": "mysql_native_password",
    "authentication_string": NATIVE,
}  # fmt: skip
SHOP = {"character_set": "utf8mb3", "collation_name": "utf8mb3_general_ci"}
FACTS = {
    MysqlUsers: {
        "ann@localhost": ANN,
        "root@localhost": {**ANN, "plugin": "unix_socket", "authentication_string": None},
    },
    MysqlDatabases: {"shop": SHOP},
    MysqlUserGrants: {"*.*": {"USAGE"}, "`shop`.*": {"SELECT", "INSERT"}, "`shop`.`t`": {"SELECT (`a`, `b`)"}},
}
PREFIX = "$(command -v mysql || echo mariadb) --default-character-set=utf8mb4 -B -e "


def run(sql):
    return PREFIX + shlex.quote(sql)


def steps(operation, *args, facts=None, **kwargs):
    done = evaluate(operation, *args, facts={**FACTS, **(facts or {})}, **kwargs)
    assert bool(done.noop) is not bool(done.steps)
    return [step if isinstance(step, Change) else str(step) for step in done.steps]


@pytest.mark.parametrize(
    ("user", "wish", "expected"),
    [
        ("bob", {}, [run("CREATE USER 'bob'@'localhost'")]),
        ("bob", {"user_hostname": "%", "require": "SSL"}, [run("CREATE USER 'bob'@'%' REQUIRE SSL")]),
        (
            "bob",
            {"require": "X509", "require_cipher": "c", "require_issuer": "i", "require_subject": "s'",
             "max_connections": 1, "max_queries_per_hour": 2, "max_updates_per_hour": 3, "max_connections_per_hour": 0},
            [run("CREATE USER 'bob'@'localhost' REQUIRE CIPHER 'c' AND ISSUER 'i' AND SUBJECT 's''' WITH "
                 "MAX_USER_CONNECTIONS 1 MAX_QUERIES_PER_HOUR 2 MAX_UPDATES_PER_HOUR 3 MAX_CONNECTIONS_PER_HOUR 0")],
        ),
        ("bob", {"present": False}, []),
        ("ann", {"present": False}, [run("DROP USER 'ann'@'localhost'")]),
        ("ann", {"user_hostname": "LOCALHOST"}, []),
        ("ann", {"password": "hunter2", "max_connections": 3, "require": "NONE"}, []),
        ("ann", {"max_connections": 4, "require": "X509"},
         [Change("require", "NONE", "X509"), Change("max_connections", "3", "4"),
          run("ALTER USER 'ann'@'localhost' REQUIRE X509 WITH MAX_USER_CONNECTIONS 4")]),
        ("ann", {"privileges": "SELECT"},
         [Change("privileges on *.*", None, "SELECT"),
          run("GRANT SELECT ON *.* TO 'ann'@'localhost'; FLUSH PRIVILEGES")]),
        ("ann", {"privileges": []}, []),
    ],
)  # fmt: skip
def test_users(user, wish, expected):
    assert steps(mysql.user, user, **wish) == expected


@pytest.mark.parametrize(
    ("kept", "wish", "changed"),
    [
        (("ANY", None, None, None), {"require": "SSL"}, False),
        (("X509", None, None, None), {"require": "X509"}, False),
        (("SPECIFIED", "c", "i", "s"),
         {"require": "X509", "require_cipher": "c", "require_issuer": "i", "require_subject": "s"}, False),
        (("SPECIFIED", "c", "i", "s"), {"require": "X509", "require_cipher": "c"}, True),
        (("SPECIFIED", "c", None, None), {"require": "X509"}, True),
        (("ANY", None, None, None), {"require": "NONE"}, True),
        (("ANY", None, None, None), {}, False),
    ],
)  # fmt: skip
def test_how_users_connect(kept, wish, changed):
    have = {**ANN, **dict(zip(("ssl_type", "ssl_cipher", "x509_issuer", "x509_subject"), kept, strict=True))}
    assert bool(steps(mysql.user, "ann", facts={MysqlUsers: {"ann@localhost": have}}, **wish)) is changed


@pytest.mark.parametrize(
    ("wish", "message"),
    [({"require": "TLS"}, "must be one of"), ({"require": "SSL", "require_cipher": "c"}, "needs require='X509'"),
     ({"require_subject": "s"}, "must be one of")],
)  # fmt: skip
def test_requirements_that_make_no_sense(wish, message):
    with pytest.raises(OperationValueError, match=message):
        steps(mysql.user, "ann", **wish)


def test_a_password_is_a_document():
    for user, verb in (("ann", "ALTER"), ("bob", "CREATE"), ("root", "ALTER")):
        *changes, command = evaluate(mysql.user, user, password="ti\\ger", facts=FACTS).steps
        assert changes == ([] if user == "bob" else [Change("password", MASK, MASK)])
        assert "ger" not in str(command)
        text = command.render(reveal=True)
        assert " -e " not in text
        assert text.endswith(" -B  <<END\n$1\nEND\n")
        sql = shlex.split(text)[2]
        assert sql.startswith("SET SESSION sql_mode = ")  # the text has a backslash
        assert sql.endswith(f"; {verb} USER '{user}'@'localhost' IDENTIFIED BY 'ti\\\\ger'")


# hashcat's example of its mode 7401, of the password hashcat: salt and digest of caching_sha2_password.
CACHING = bytes.fromhex(
    "F9CC98CE08892924F50A213B6BC571A2C11778C5"
    "625479393559393965414D45316477456B484F41316E64484742577A2E3162785353526B7554584647562F"
)


def test_the_digest_of_mysql_8():
    salt, digest = CACHING[:20], CACHING[20:].decode()
    assert sha256_crypt(b"hashcat", salt, 5000) == digest
    assert sha256_crypt(b"hashcut", salt, 5000) != digest


def test_the_password_of_a_user_of_mysql_8():
    salt = "abc\ndefghijklmnop\t/x"
    kept = f"$A$005${salt}{sha256_crypt(b'hunter2', salt.encode(), 5000)}"
    user = {"plugin": "caching_sha2_password", "authentication_string": kept}
    assert (is_password(user, "hunter2"), is_password(user, "hunter3")) == (True, False)


@pytest.mark.parametrize(
    ("plugin", "kept", "password", "same"),
    [
        ("mysql_native_password", NATIVE, "hunter2", True),
        ("mysql_native_password", NATIVE, "hunter3", False),
        (None, None, "hunter2", False),
        ("mysql_native_password", "invalid", "hunter2", False),
        ("caching_sha2_password", "nonsense", "x", False),
        ("sha256_password", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!", True),
        ("sha256_password", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello", False),
        ("unix_socket", None, "x", False),
        ("auth_socket", None, "x", False),
        ("ed25519", "abc", "x", None),
    ],
)
def test_which_password_it_is(plugin, kept, password, same):
    assert is_password({"plugin": plugin, "authentication_string": kept}, password) is same


def test_older_servers_have_another_column():
    assert is_password({"plugin": None, "Password": NATIVE.lower(), "authentication_string": None}, "hunter2")


def test_what_cannot_be_told_is_an_error():
    facts = {MysqlUsers: {"ann@localhost": {**ANN, "plugin": "ed25519"}}}
    with pytest.raises(OperationError, match="logs in by ed25519"):
        steps(mysql.user, "ann", password="x", facts=facts)
    assert steps(mysql.user, "ann", facts=facts) == []


ALL = "ALL PRIVILEGES"
STATIC = (
    "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, SHUTDOWN, PROCESS, FILE, REFERENCES, INDEX, ALTER, "
    "SHOW DATABASES, SUPER, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, "
    "CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER, CREATE TABLESPACE, "
    "CREATE ROLE, DROP ROLE, BACKUP_ADMIN"
)


@pytest.mark.parametrize(
    ("have", "want", "everywhere", "first", "grant", "revoke"),
    [
        ("", "", False, "", "", ""),
        ("USAGE", "", False, "", "", ""),
        ("SELECT", "select", False, "", "", ""),
        ("SELECT, INSERT", "SELECT", False, "", "", "INSERT"),
        ("SELECT", "SELECT, UPDATE", False, "", "UPDATE", ""),
        (ALL, "ALL", False, "", "", ""),
        ("SELECT", "ALL", False, "", ALL, ""),
        (ALL, "SELECT", False, ALL, "SELECT", ""),
        (ALL, "", False, ALL, "", ""),
        ("SELECT, GRANT OPTION", "SELECT", False, "", "", "GRANT OPTION"),
        ("SELECT", "SELECT, GRANT OPTION", False, "", "GRANT OPTION", ""),
        (f"{ALL}, GRANT OPTION", "ALL", False, "", "", "GRANT OPTION"),
        (STATIC, "ALL", True, "", "", ""),
        (STATIC, "ALL", False, "", ALL, ""),
        ("SELECT, INSERT", "ALL", True, "", ALL, ""),
        ("SELECT (a, b)", "SELECT (`b`, a)", False, "", "", ""),
        ("SELECT (a, b)", "SELECT (a), INSERT (c)", False, "", "INSERT (c)", "SELECT (b)"),
        ("SELECT (a)", "SELECT", False, "", "SELECT", "SELECT (a)"),
    ],
)
def test_what_is_granted_and_revoked(have, want, everywhere, first, grant, revoke):
    found = difference(read(have), read(want), everywhere=everywhere)
    assert (found.revoke_first, found.grant, found.revoke) == (read(first), read(grant), read(revoke))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (["select", " Insert "], "INSERT, SELECT"),
        ({"UPDATE"}, "UPDATE"),
        ("create  temporary tables", "CREATE TEMPORARY TABLES"),
        ("SELECT (b, `a``(,) x`), SELECT", "SELECT, SELECT (`a``(,) x`, `b`)"),
        ("BACKUP_ADMIN", "BACKUP_ADMIN"),
        ("ALL", ALL),
    ],
)
def test_lists_of_privileges(text, expected):
    assert str(listed(read(text))) == expected


@pytest.mark.parametrize("text", ["SELECT; DROP TABLE x", "SELECT ON x", "1", "SELECT (", "SELECT (a b`c)", "-", "x'"])
def test_what_is_no_privilege_is_refused(text):
    if text == "SELECT ON x":  # letters and spaces: for the server to refuse
        assert read(text) == {Privilege("SELECT ON X")}
        return
    with pytest.raises(OperationValueError):
        read(text)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"privileges": ["SELECT", "INSERT"], "database": "shop"}, []),
        ({"privileges": "SELECT", "database": "shop"},
         [Change("privileges on `shop`.*", "INSERT, SELECT", "SELECT"),
          run("REVOKE INSERT ON `shop`.* FROM 'ann'@'localhost'; FLUSH PRIVILEGES")]),
        ({"privileges": "ALL", "database": "shop", "flush": False, "with_grant_option": True},
         [Change("privileges on `shop`.*", "INSERT, SELECT", "ALL PRIVILEGES, GRANT OPTION, INSERT, SELECT"),
          run("GRANT ALL PRIVILEGES ON `shop`.* TO 'ann'@'localhost' WITH GRANT OPTION")]),
        ({"privileges": "SELECT (a), UPDATE", "database": "shop", "table": "t"},
         [Change("privileges on `shop`.`t`", "SELECT (a), SELECT (b)", "SELECT (a), UPDATE"),
          run("GRANT UPDATE ON `shop`.`t` TO 'ann'@'localhost'; REVOKE SELECT (`b`) ON `shop`.`t` FROM "
              "'ann'@'localhost'; FLUSH PRIVILEGES")]),
        ({"privileges": [], "with_grant_option": True, "database": "x`y"},
         [Change("privileges on `x``y`.*", None, "GRANT OPTION"),
          run("GRANT USAGE ON `x``y`.* TO 'ann'@'localhost' WITH GRANT OPTION; FLUSH PRIVILEGES")]),
    ],
)  # fmt: skip
def test_privileges(wish, expected):
    assert steps(mysql.privileges, "ann", **wish) == expected


def test_a_table_is_in_a_database():
    with pytest.raises(OperationValueError, match="database"):
        steps(mysql.privileges, "ann", "ALL", table="t")


@pytest.mark.parametrize(
    ("database", "wish", "expected"),
    [
        ("new", {}, [run("CREATE DATABASE `new`")]),
        ("new", {"charset": "utf8mb4", "collate": "utf8mb4_bin"},
         [run("CREATE DATABASE `new` CHARACTER SET 'utf8mb4' COLLATE 'utf8mb4_bin'")]),
        ("new", {"present": False, "user": "ann"}, []),
        ("shop", {"present": False}, [run("DROP DATABASE `shop`")]),
        ("shop", {}, []),
        ("shop", {"charset": "utf8", "collate": "utf8_general_ci"}, []),
        ("shop", {"charset": "UTF8MB3"}, []),
        ("shop", {"charset": "utf8mb4", "collate": "utf8mb4_general_ci"},
         [Change("charset", "utf8mb3", "utf8mb4"), Change("collate", "utf8mb3_general_ci", "utf8mb4_general_ci"),
          run("ALTER DATABASE `shop` CHARACTER SET 'utf8mb4' COLLATE 'utf8mb4_general_ci'")]),
        ("shop", {"collate": "utf8mb3_bin"},
         [Change("collate", "utf8mb3_general_ci", "utf8mb3_bin"), run("ALTER DATABASE `shop` COLLATE 'utf8mb3_bin'")]),
        ("shop", {"user": "ann", "user_privileges": {"SELECT", "INSERT"}}, []),
        ("shop", {"user": "ann"},
         [Change("privileges on `shop`.*", "INSERT, SELECT", "ALL PRIVILEGES, INSERT, SELECT"),
          run("GRANT ALL PRIVILEGES ON `shop`.* TO 'ann'@'localhost'; FLUSH PRIVILEGES")]),
    ],
)  # fmt: skip
def test_databases(database, wish, expected):
    assert steps(mysql.database, database, **wish) == expected


@pytest.mark.parametrize("operation", [mysql.user, mysql.database])
@pytest.mark.parametrize("present", [True, False])
def test_a_host_without_a_client_is_an_error(operation, present):
    with pytest.raises(OperationError, match="neither mysql nor mariadb"):
        evaluate(operation, "x", present=present, facts={MysqlUsers: {}, MysqlDatabases: {}})


def test_where_the_server_is():
    place = {"mysql_user": "u", "mysql_password": 'p"\n', "mysql_host": "h", "mysql_port": 5}
    key = fact_key(MysqlUsers, **{**place, "mysql_password": Secret('p"\n')})
    [command] = evaluate(mysql.user, "ann", present=False, facts={key: FACTS[MysqlUsers]}, **place).steps
    assert command.render(reveal=True) == (
        "set -- 'p\\\"\\n' && h=${HOME-} && HOME=/nonexistent $(command -v mysql || echo mariadb) "
        "--defaults-extra-file=/dev/fd/8 --user=u --host=h --port=5 --default-character-set=utf8mb4 -B "
        "-e 'DROP USER '\"'\"'ann'\"'\"'@'\"'\"'localhost'\"'\"''  8<<EOF\n"
        '!include $h/.my.cnf\n[client]\npassword="${1}"\nEOF\n'
    )
    assert str(command).startswith("set -- '*****' && ")


def test_sql():
    [plain] = evaluate(mysql.sql, "SELECT 'x'", database="a b").steps
    assert shlex.split(str(plain))[-5:] == [
        "--default-character-set=utf8mb4",
        "--database=a b",
        "-B",
        "-e",
        "SELECT 'x'",
    ]
    [hidden] = evaluate(mysql.sql, Secret("SELECT 'tiger'")).steps
    assert "tiger" not in str(hidden)
    assert hidden.render(reveal=True).endswith("--default-character-set=utf8mb4 -B  <<END\n$1\nEND\n")


def test_files():
    [dump] = evaluate(mysql.dump, "/var/a b.sql", database="-d").steps
    assert str(dump).startswith("set -- '/var/a b.sql' ; ")
    assert '$(command -v mysqldump || echo mariadb-dump) -- -d >"$t" && ' in str(dump)
    [everything] = evaluate(mysql.dump, "/x").steps
    assert "mariadb-dump) --all-databases" in str(everything)
    [load] = evaluate(mysql.load, "-x.sql", database="d").steps
    assert str(load) == "$(command -v mysql || echo mariadb) --database=d -B < ./-x.sql"


def test_no_password_holds_a_nul():
    with pytest.raises(OperationValueError, match="NUL"):
        evaluate(mysql.sql, "SELECT 1", mysql_password="\0")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_one_word(name):
    place = {"mysql_user": name, "mysql_host": name}
    [command] = evaluate(mysql.database, name, facts=FACTS, **place).steps
    quoted = name.replace("`", "``")
    assert shlex.split(str(command))[-1].endswith(f"CREATE DATABASE `{quoted}`")
    assert [f"--user={name}", f"--host={name}"] == [
        word for word in shlex.split(str(command)) if re.match("--[uh]", word)
    ]
    [command] = evaluate(mysql.user, name, user_hostname=name, facts=FACTS).steps
    text = name.replace("\\", "\\\\").replace("'", "''")
    assert shlex.split(str(command))[-1].endswith(f"CREATE USER '{text}'@'{text}'")
    assert ("SET SESSION sql_mode" in str(command)) is ("\\" in name)


def test_nothing_else_is_asked_for():
    assert evaluate(mysql.user, "ann", facts=FACTS).asked == [MysqlUsers]
    assert evaluate(mysql.database, "shop", facts=FACTS).asked == [MysqlDatabases]
