"""How psql(1) and pg_dump(1) are called.

A password is given as a connection service file (libpq, "The Connection Service File") on a descriptor. Where the
surroundings of the command name a service already, the client refuses both rather than take the wrong one.
"""

from __future__ import annotations

from ropewalk.facts.database_client import Client, secret_of
from ropewalk.model.command import Secret, Shell
from ropewalk.model.errors import OperationValueError
from ropewalk.shell.sql import Sql

_PSQL = ("psql", "-XwA", "-v", "ON_ERROR_STOP=1")


def psql(
    user: str | None = None,
    password: str | Secret | None = None,
    host: str | None = None,
    port: int | None = None,
    database: str | None = None,
    *,
    encoding: str | None = "UTF8",
) -> Client:
    """Return psql as everything here calls it: no start-up file, no questions, an end at the first error.

    :param database: name of a database, or a connection string.
    :param encoding: that of what goes in and comes out; ``None``: as the server and the file say.
    """
    words = (*_PSQL, *_connection(user, host, port, database))
    return _client(words, password, f"PGCLIENTENCODING={encoding}" if encoding else "")


def pg_dump(
    user: str | None = None,
    password: str | Secret | None = None,
    host: str | None = None,
    port: int | None = None,
    database: str | None = None,
) -> Client:
    """Return pg_dump; the arguments are those of :func:`psql`."""
    return _client(("pg_dump", "-w", *_connection(user, host, port, database)), password)


def statement(client: Client, text: Sql) -> Shell:
    """Return the command that has psql run one statement; one that holds a secret is its standard input."""
    return client.run(stdin=text) if text.hidden else client.run("-c", text.word)


def _connection(user: str | None, host: str | None, port: int | None, database: str | None) -> tuple[str, ...]:
    given = {"dbname": database, "username": user, "host": host, "port": port}
    return tuple(f"--{option}={value}" for option, value in given.items() if value)


def _client(words: tuple[str, ...], password: str | Secret | None, before: str = "") -> Client:
    secret = secret_of(password)
    if secret is not None and (secret.value != secret.value.rstrip() or "\n" in secret.value or "\0" in secret.value):
        raise OperationValueError(
            "psql_password ends in white space or holds a line end, which no client of PostgreSQL reads from a file"
        )
    return Client(
        words,
        before,
        with_secret="PGSERVICE=${PGSERVICE-}ropewalk PGSERVICEFILE=/dev/fd/8",
        secret=secret,
        document="[ropewalk]\npassword={}\n",
    )
