"""Operations on PostgreSQL: what is yielded for every state a server may be in, and how secrets travel."""

from __future__ import annotations

import inspect
import shlex

import pytest

from ropewalk.facts.postgres import PostgresDatabases, PostgresPasswords, PostgresRoles
from ropewalk.model.command import MASK, Change, Diff, Secret, sh
from ropewalk.model.errors import OperationError, OperationTypeError, OperationValueError
from ropewalk.operations import postgres, postgresql
from ropewalk.operations.postgres.passwords import is_password
from ropewalk.testing import evaluate, fact_key
from support.hostile import HOSTILE

PLAIN = {
    "super": False, "inherit": True, "createrole": False, "createdb": False, "canlogin": True, "replication": False,
    "connlimit": -1,
}  # fmt: skip
ROLES = {"postgres": {**PLAIN, "super": True}, "ann": PLAIN}
SHOP = {"owner": "ann", "encoding": "UTF8", "collate": "en_US.utf8", "ctype": "C", "tablespace_name": "pg_default",
        "connlimit": -1}  # fmt: skip
DATABASES = {"postgres": SHOP, "shop": SHOP}
FACTS = {PostgresRoles: ROLES, PostgresDatabases: DATABASES, PostgresPasswords: {}}
# PostgreSQL 15 of the password hunter2, the second one of a role sc, with password_encryption = md5.
MD5 = Secret("md597dda50a434186d2dc6b3c66dfe1e271")
SCRAM = Secret(
    "SCRAM-SHA-256$4096:Jjhf5xT3or2S2NMe5VfVEA==$3b8ZWbXS0fGSHaISapXGm60xpzYKwrWatfofdc/aviQ=:"
    "DJrjV2t3pGFKNgym2eDYIZYsu1wS494sRvfKQVMphD0="
)


def psql(sql):
    return sh("psql", "-c", sql)


def normal(step):
    """Leave out of a command what is the same in all of them."""
    if isinstance(step, Change | Diff):
        return step
    words = [word for word in shlex.split(str(step)) if word not in ("-XwA", "PGCLIENTENCODING=UTF8")]
    text = shlex.join(words).replace("-v ON_ERROR_STOP=1 ", "")
    return sh(*shlex.split(text))


def steps(operation, *args, facts=None, **kwargs):
    done = evaluate(operation, *args, facts={**FACTS, **(facts or {})}, **kwargs)
    assert bool(done.noop) is not bool(done.steps)
    return [normal(step) for step in done.steps]


@pytest.mark.parametrize(
    ("role", "wish", "expected"),
    [
        ("bob", {}, [psql('CREATE ROLE "bob" LOGIN')]),
        ("bob", {"login": False}, [psql('CREATE ROLE "bob"')]),
        (
            "bob",
            {"superuser": True, "inherit": True, "createdb": True, "createrole": True, "replication": True,
             "connection_limit": 0},
            [psql('CREATE ROLE "bob" LOGIN SUPERUSER INHERIT CREATEDB CREATEROLE REPLICATION CONNECTION LIMIT 0')],
        ),
        ("bob", {"present": False}, []),
        ("ann", {"present": False}, [psql('DROP ROLE "ann"')]),
        ("ann", {}, []),
        ("ann", {"inherit": True, "connection_limit": -1}, []),
        ("ann", {"login": False}, [Change("login", "yes", "no"), psql('ALTER ROLE "ann" NOLOGIN')]),
        ("ann", {"superuser": True}, [Change("superuser", "no", "yes"), psql('ALTER ROLE "ann" SUPERUSER')]),
        (
            "ann",
            {"createdb": True, "createrole": True, "replication": True, "connection_limit": 3},
            [Change("createdb", "no", "yes"), Change("createrole", "no", "yes"), Change("replication", "no", "yes"),
             Change("connection limit", "-1", "3"),
             psql('ALTER ROLE "ann" CREATEDB CREATEROLE REPLICATION CONNECTION LIMIT 3')],
        ),
        ("postgres", {}, []),
    ],
)  # fmt: skip
def test_roles(role, wish, expected):
    assert steps(postgres.role, role, **wish) == expected


def test_a_role_that_may_not_log_in_gets_to():
    facts = {PostgresRoles: {"ann": {**PLAIN, "canlogin": False}}}
    assert steps(postgres.role, "ann", facts=facts)[0] == Change("login", "no", "yes")


@pytest.mark.parametrize("known", [{}, {"ann": None}, {"ann": Secret("md5x")}, {"ann": SCRAM}])
def test_a_password_is_a_document(known):
    [change, command] = evaluate(
        postgres.role, "ann", password="tiger", facts={**FACTS, PostgresPasswords: known}
    ).steps
    assert change == Change("password", MASK, MASK)
    assert "tiger" not in str(command)
    text = command.render(reveal=True)
    assert text.startswith("set -- 'ALTER ROLE \"ann\" PASSWORD '\"'\"'tiger'\"'\"'' && ")
    assert text.endswith(" <<END\n$1\nEND\n")
    assert " -c " not in text


@pytest.mark.parametrize("password", ["hunter2", Secret("hunter2"), SCRAM])
def test_a_password_that_is_right_stays(password):
    assert steps(postgres.role, "ann", password=password, facts={PostgresPasswords: {"ann": SCRAM}}) == []


@pytest.mark.parametrize(
    ("verifier", "password", "same"),
    [
        (SCRAM, "hunter2", True),
        (SCRAM, "hunter\u00ad2", True),  # SASLprep: mapped to nothing
        (SCRAM, "hunter\uff12", True),  # and a full-width digit to a digit
        (SCRAM, "hunter3", False),
        (Secret("SCRAM-SHA-256$1:x$y:z"), "hunter2", False),
        (Secret("unknown"), "hunter2", False),
        (None, "hunter2", False),
    ],
)
def test_which_password_it_is(verifier, password, same):
    assert is_password(verifier, "ann", password) is same


@pytest.mark.parametrize(
    ("role", "password", "same"), [("sc", "hunter2", True), ("ann", "hunter2", False), ("sc", "hunter3", False)]
)
def test_older_servers_keep_md5(role, password, same):
    assert is_password(MD5, role, password) is same


@pytest.mark.parametrize(
    ("database", "wish", "expected"),
    [
        ("new", {}, [psql('CREATE DATABASE "new"')]),
        (
            "new",
            {"owner": "a b", "template": "template0", "encoding": "UTF8", "lc_collate": "C", "lc_ctype": "it's",
             "tablespace": "fast", "connection_limit": 2},
            [psql('CREATE DATABASE "new" OWNER "a b" TEMPLATE "template0" ENCODING \'UTF8\' LC_COLLATE \'C\' '
                  "LC_CTYPE 'it''s' TABLESPACE \"fast\" CONNECTION LIMIT 2")],
        ),
        ("new", {"present": False}, []),
        ("shop", {"present": False}, [psql('DROP DATABASE "shop"')]),
        ("shop", {}, []),
        ("shop", {"owner": "ann", "encoding": "unicode", "lc_collate": "en_US.UTF-8", "lc_ctype": "C",
                  "template": "template0", "tablespace": "pg_default", "connection_limit": -1}, []),
        ("shop", {"owner": "bob"}, [Change("owner", "ann", "bob"), psql('ALTER DATABASE "shop" OWNER TO "bob"')]),
        ("shop", {"tablespace": "fast"}, [Change("tablespace", "pg_default", "fast"),
                                          psql('ALTER DATABASE "shop" SET TABLESPACE "fast"')]),
        ("shop", {"connection_limit": 5}, [Change("connection limit", "-1", "5"),
                                           psql('ALTER DATABASE "shop" CONNECTION LIMIT 5')]),
    ],
)  # fmt: skip
def test_databases(database, wish, expected):
    assert steps(postgres.database, database, **wish) == expected


@pytest.mark.parametrize("wish", [{"encoding": "LATIN1"}, {"lc_collate": "C"}, {"lc_ctype": "en_US.utf8"}])
def test_what_cannot_be_changed_is_an_error(wish):
    with pytest.raises(OperationError, match="cannot be changed"):
        steps(postgres.database, "shop", **wish)


@pytest.mark.parametrize("call", [(postgres.role, "x"), (postgres.database, "x")])
@pytest.mark.parametrize("present", [True, False])
def test_a_host_without_psql_is_an_error(call, present):
    operation, name = call
    with pytest.raises(OperationError, match="not installed"):
        evaluate(operation, name, present=present, facts={PostgresRoles: {}, PostgresDatabases: {}})


def test_where_the_server_is():
    place = {"psql_user": "u", "psql_password": "p", "psql_host": "h", "psql_port": 5, "psql_database": "d"}
    key = fact_key(PostgresRoles, **{**place, "psql_password": Secret("p")})
    [command] = evaluate(postgres.role, "ann", present=False, facts={key: ROLES}, **place).steps
    assert command.render(reveal=True) == (
        "set -- p && PGCLIENTENCODING=UTF8 PGSERVICE=${PGSERVICE-}ropewalk PGSERVICEFILE=/dev/fd/8 psql -XwA "
        "-v ON_ERROR_STOP=1 --dbname=d --username=u --host=h --port=5 -c 'DROP ROLE \"ann\"'  8<<EOF\n"
        "[ropewalk]\npassword=${1}\nEOF\n"
    )
    assert str(command).startswith("set -- '*****' && ")


@pytest.mark.parametrize("password", ["x ", "x\n", "a\nb", "a\0b"])
def test_passwords_that_no_file_can_hold(password):
    with pytest.raises(OperationValueError, match="psql_password"):
        evaluate(postgres.sql, "SELECT 1", psql_password=password)


def test_sql():
    [plain] = evaluate(postgres.sql, "SELECT 'x'", psql_database="d").steps
    assert str(plain) == ("PGCLIENTENCODING=UTF8 psql -XwA -v ON_ERROR_STOP=1 --dbname=d -c 'SELECT '\"'\"'x'\"'\"''")
    [hidden] = evaluate(postgres.sql, Secret("SELECT 'tiger'")).steps
    assert "tiger" not in str(hidden)
    assert hidden.render(reveal=True).endswith("-XwA -v ON_ERROR_STOP=1  <<END\n$1\nEND\n")


def test_files():
    [dump] = evaluate(postgres.dump, "/var/a b.sql", psql_database="d", psql_password="p").steps
    assert shlex.split(dump.render(reveal=True))[:4] == ["set", "--", "/var/a b.sql", "p"]
    assert ' pg_dump -w --dbname=d >"$t" 8<<EOF && ' in str(dump)
    [load] = evaluate(postgres.load, "-x.sql").steps
    assert str(load) == "psql -XwA -v ON_ERROR_STOP=1 < ./-x.sql"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_one_word(name):
    for operation in (postgres.role, postgres.database):
        [command] = evaluate(operation, name, facts=FACTS, psql_database=name, psql_host=name, psql_user=name).steps
        words = shlex.split(str(command))
        quoted = name.replace('"', '""')
        kind = operation._inner.__name__.upper()
        assert words[-1] in (f'CREATE {kind} "{quoted}"', f'CREATE {kind} "{quoted}" LOGIN')
        assert words[5:-2] == [f"--dbname={name}", f"--username={name}", f"--host={name}"]


@pytest.mark.parametrize("name", ["sql", "role", "database", "dump", "load"])
def test_older_names(name):
    old, new = getattr(postgresql, name), getattr(postgres, name)
    argument = next(iter(inspect.signature(new._inner).parameters))
    expected = evaluate(new, "x", facts=FACTS, psql_user="u").steps
    assert evaluate(old, **{argument: "x"}, facts=FACTS, psql_user="u").steps == expected
    assert (old.is_deprecated, old.deprecated_for) == (True, f"postgres.{name}")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ((postgresql.sql, "SELECT 1"), "postgres.sql has no argument databse"),
        ((postgresql.role,), "postgres.role has no argument databse"),
    ],
)
def test_older_names_refuse_what_the_newer_ones_do(call, said):
    with pytest.raises(OperationTypeError, match=said):
        evaluate(*call, databse="x")
    with pytest.raises(OperationTypeError, match="missing a required argument"):
        evaluate(call[0])
