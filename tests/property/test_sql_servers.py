"""Whatever a name or text holds, real servers read exactly that; no other statement comes of it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ropewalk.facts.mysql_client import mysql, statements
from ropewalk.facts.postgres_client import psql, statement
from ropewalk.model.command import Secret, Shell
from ropewalk.shell.sql import MYSQL, POSTGRES, Name, Text, joined_sql, sql
from support.database_servers import (
    MariadbServer,
    PostgresServer,
    mariadb_server,
    no_mariadb,
    no_postgres,
    postgres_server,
)

# What servers keep apart from each other: no surrogates, no NUL. psql and mysql take a carriage return for a line end.
characters = st.characters(exclude_categories=("Cs",), exclude_characters="\0\r")
pieces = st.sampled_from(["'", '"', "`", "\\", "\n", ";", "--", "/*", "$$", "\\'", ":x", "\\!", "{}", "%", " ", "\t"])
texts = st.lists(st.one_of(pieces, st.text(characters, max_size=4)), max_size=8).map("".join)
# MariaDB has no columns whose names end in white space.
names = texts.map(lambda text: text[:20]).filter(lambda text: text.isascii() and text.rstrip() == text != "")
some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

NASTY = [
    "'",
    "\\",
    "\\'",
    "\\'; DROP TABLE x; --",
    '"',
    "`",
    "a\nb",
    ":USER",
    "$x$",
    "\\\\",
    "''",
    "☃\U0001f409",
    "EOF\n",
]


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    if reason := no_postgres():
        pytest.skip(reason)
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="module")
def mariadb() -> Iterator[MariadbServer]:
    if reason := no_mariadb():
        pytest.skip(reason)
    with mariadb_server() as server:
        yield server


def output(command: Shell, **environment: str) -> str:
    done = subprocess.run(
        ["sh", "-c", command.render(reveal=True)], stdin=subprocess.DEVNULL, capture_output=True, check=False,
        env={"PATH": "/usr/sbin:/usr/bin:/bin", **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@some
@given(values=st.lists(texts, min_size=1, max_size=20), hidden=st.booleans(), standard=st.booleans())
@example(values=NASTY, hidden=True, standard=True)
@example(values=NASTY, hidden=False, standard=False)
def test_texts_of_postgres(postgres: PostgresServer, values: list[str], hidden: bool, standard: bool) -> None:
    wrap = Secret if hidden else str
    hexes = joined_sql(
        [sql(POSTGRES, "encode(convert_to({}, 'UTF8'), 'hex')", Text(wrap(value))) for value in values], " || ',' || "
    )
    client = psql(host=str(postgres.directory), user="postgres", database="postgres")
    setting = f"-c standard_conforming_strings={'on' if standard else 'off'}"
    written = output(statement(client, sql(POSTGRES, "SELECT {}", hexes)), PGOPTIONS=setting).splitlines()[1]
    assert [bytes.fromhex(part).decode() for part in written.split(",")] == values


@some
@given(values=st.lists(texts, min_size=1, max_size=20), hidden=st.booleans(), escapes=st.booleans())
@example(values=NASTY, hidden=True, escapes=True)
@example(values=NASTY, hidden=False, escapes=False)
def test_texts_of_mariadb(mariadb: MariadbServer, values: list[str], hidden: bool, escapes: bool) -> None:
    wrap = Secret if hidden else str
    hexes = joined_sql([sql(MYSQL, "HEX({})", Text(wrap(value))) for value in values])
    mariadb.query(f"SET GLOBAL sql_mode = '{'' if escapes else 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'}'")
    command = statements(mysql(), sql(MYSQL, "SELECT CONCAT_WS(',', {})", hexes))
    written = output(command, HOME=str(mariadb.root_home)).splitlines()[-1]
    mariadb.query("SET GLOBAL sql_mode = DEFAULT")
    assert [bytes.fromhex(part).decode() for part in written.split(",")] == values


@some
@given(name=names)
@example(name='"')
@example(name="a\\'b")
def test_names_of_postgres(postgres: PostgresServer, name: str) -> None:
    client = psql(host=str(postgres.directory), user="postgres", database="postgres")
    postgres.query("DROP TABLE IF EXISTS probe")
    output(statement(client, sql(POSTGRES, "CREATE TABLE probe ({} int)", Name(name))))
    columns = "SELECT encode(convert_to(attname, 'UTF8'), 'hex') FROM pg_attribute"
    found = postgres.query(f"{columns} WHERE attrelid = 'probe'::regclass AND attnum > 0")
    assert bytes.fromhex(found).decode() == name


@some
@given(name=names)
@example(name="`")
@example(name="a\\'b")
def test_names_of_mariadb(mariadb: MariadbServer, name: str) -> None:
    mariadb.query("CREATE DATABASE IF NOT EXISTS test")
    make = statements(mysql(database="test"), sql(MYSQL, "CREATE OR REPLACE TABLE probe ({} INT)", Name(name)))
    output(make, HOME=str(mariadb.root_home))
    columns = "SELECT HEX(COLUMN_NAME) FROM information_schema.COLUMNS WHERE TABLE_NAME = 'probe'"
    assert bytes.fromhex(mariadb.query(columns)).decode() == name


@some
@given(password=texts.filter(lambda text: bool(text)))
@example(password='"#\\n\\')
@example(password="\n\t\b\r x ")
def test_passwords_in_option_files(password: str) -> None:
    """What is written for ``mysql_password`` is read back by the clients' own reader."""
    if not shutil.which("my_print_defaults"):
        pytest.skip("needs mariadb-client or mysql-client")
    client = replace(mysql(password=password), words=("my_print_defaults", "client"), before="")
    client = replace(client, options=("--defaults-file=/dev/fd/8",))
    assert output(client.run(), HOME="/nonexistent") == f"--password={password}\n"


@pytest.mark.parametrize("name", ["a b", "$(id)", "`id`", "x'y", "-x"])
def test_shells_see_one_word(name: str) -> None:
    command = statement(psql(database=name), sql(POSTGRES, "SELECT {}", Text(name)))
    assert shlex.split(command.render())[-1] == sql(POSTGRES, "SELECT {}", Text(name)).reveal()
