"""How mysql(1) and mysqldump(1) are called, or mariadb(1) and mariadb-dump(1) where only these are installed.

A password is given as an option file on a descriptor. The clients read the user's own option file last, so that a
password in there would count instead; therefore they get it by way of ours, and do not find it themselves. (FreeBSD has
more descriptors in ``/dev/fd`` than three only with fdescfs(5) mounted.)
"""

from __future__ import annotations

from ropewalk.facts.database_client import Client, secret_of
from ropewalk.model.command import Raw, Secret, Shell, Word
from ropewalk.model.errors import OperationValueError
from ropewalk.shell.sql import MYSQL_MODE, Sql, joined_sql

#: Ends a fact without output where there is no client.
UNLESS_MISSING = "command -v mysql >/dev/null || command -v mariadb >/dev/null || exit 0;"
_MYSQL = Raw("$(command -v mysql || echo mariadb)")
_MYSQLDUMP = Raw("$(command -v mysqldump || echo mariadb-dump)")
# Option files, "Option File Syntax": what follows a backslash in a value.
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b"})
_ESCAPED = {"n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


def mysql(
    user: str | None = None,
    password: str | Secret | None = None,
    host: str | None = None,
    port: int | None = None,
    database: str | None = None,
    *,
    encoding: str | None = "utf8mb4",
    before: str = "",
) -> Client:
    """Return mysql as everything here calls it: batch mode, an end at the first error.

    :param encoding: that of what goes in and comes out; ``None``: as the client's configuration says.
    :param before: shell syntax in front of it.
    """
    options = [f"--default-character-set={encoding}"] if encoding else []
    place = [f"--database={database}"] if database else []
    return _client((_MYSQL, *_connection(user, host, port), *options, *place, "-B"), password, before)


def mysqldump(
    user: str | None = None,
    password: str | Secret | None = None,
    host: str | None = None,
    port: int | None = None,
    database: str | None = None,
) -> Client:
    """Return mysqldump for one database, or for all."""
    what = ("--", database) if database else ("--all-databases",)
    return _client((_MYSQLDUMP, *_connection(user, host, port), *what), password)


def statements(client: Client, *texts: Sql) -> Shell:
    """Return the command that has mysql run statements; what holds a secret is its standard input."""
    text = joined_sql(texts, "; ")
    if "\\" in text.reveal():
        text = joined_sql([Sql((MYSQL_MODE,)), text], "; ")
    return client.run(stdin=text) if text.hidden else client.run("-e", text.word)


def fields(line: str) -> list[str | None]:
    """Split a line of output in batch mode; ``None`` is what the server calls NULL.

    >>> fields(chr(9).join(["NULL", "a"]))
    [None, 'a']
    """
    return [None if field == "NULL" else unescaped(field) for field in line.split("\t")]


def unescaped(text: str) -> str:
    """Return a value as the server has it, from the output of batch mode (mysql(1), ``--raw``)."""
    head, *rest = text.split("\\")
    parts, pending = [head], iter(rest)
    for part in pending:
        if part:
            parts.append(_ESCAPED.get(part[0], f"\\{part[0]}") + part[1:])
        else:  # an escaped backslash, and what follows it
            parts.append("\\" + next(pending, ""))
    return "".join(parts)


def _connection(user: str | None, host: str | None, port: int | None) -> tuple[str, ...]:
    given = {"user": user, "host": host, "port": port}
    return tuple(f"--{option}={value}" for option, value in given.items() if value)


def _client(words: tuple[Word, ...], password: str | Secret | None, before: str = "") -> Client:
    secret = secret_of(password)
    if secret is not None and "\0" in secret.value:
        raise OperationValueError("mysql_password holds a NUL character, which no client of MySQL takes")
    return Client(
        words,
        before,
        with_secret="HOME=/nonexistent",
        setup="h=${HOME-}",
        options=("--defaults-extra-file=/dev/fd/8",),
        secret=Secret(secret.value.translate(_ESCAPES), secret.shown) if secret else None,
        document='!include $h/.my.cnf\n[client]\npassword="{}"\n',
    )
