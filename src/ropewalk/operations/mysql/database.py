"""mysql.database"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Secret, Steps
from ropewalk.operations.mysql.privileges import ensure_privileges
from ropewalk.operations.mysql.server import Server
from ropewalk.shell.sql import MYSQL, Name, Sql, Text, joined_sql, sql


@operation()
def database(
    database: str,
    present: bool = True,
    collate: str | None = None,
    charset: str | None = None,
    user: str | None = None,
    user_hostname: str = "localhost",
    user_privileges: str | Collection[str] = "ALL",
    mysql_user: str | None = None,
    mysql_password: str | Secret | None = None,
    mysql_host: str | None = None,
    mysql_port: int | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Add, change or remove a database.

    :param database: its name.
    :param present: ``False`` drops it, with all that is in it.
    :param collate: how text is sorted in new tables, such as ``utf8mb4_general_ci``.
    :param charset: the character set of new tables, such as ``utf8mb4``.
    :param user: a user who gets privileges on it.
    :param user_hostname: where that user connects from.
    :param user_privileges: the privileges, these and no others; see ``mysql.privileges``.
    :param mysql_user: the user to connect as; by default as the client's configuration says.
    :param mysql_password: the password.
    :param mysql_host: host of the server.
    :param mysql_port: port of the server.
    :raises OperationError: there is no client on the host.

    ::

        mysql.database(name="The app's database", database="app", charset="utf8mb4", user="app")
    """
    server = Server.of(mysql_user, mysql_password, mysql_host, mysql_port)
    have = server.databases().get(database)
    host = current_host.get()
    if not present:
        if have is None:
            host.noop(f"there is no database {database}")
        else:
            yield server.statements(sql(MYSQL, "DROP DATABASE {}", Name(database)))
        return
    name = Name(database)
    if have is None:
        clauses = [clause for _, clause in _clauses({}, charset, collate)]
        yield server.statements(joined_sql([sql(MYSQL, "CREATE DATABASE {}", name), *clauses], " "))
    else:
        changes = [*_clauses(have, charset, collate)]
        yield from (change for change, _ in changes)
        if changes:
            clauses = [clause for _, clause in changes]
            yield server.statements(joined_sql([sql(MYSQL, "ALTER DATABASE {}", name), *clauses], " "))
        elif not user:
            host.noop(f"the database {database} is as wanted")
    if user:
        yield from ensure_privileges(server, user, user_hostname, user_privileges, database)


def _clauses(have: Mapping[str, Any], charset: str | None, collate: str | None) -> Iterator[tuple[Change, Sql]]:
    """Yield what has to change, in the order in which the server takes it: a character set resets the collation."""
    now, sorting = have.get("character_set"), have.get("collation_name")
    reset = bool(charset) and not _same(charset, now)
    if charset and reset:
        yield Change("charset", now, charset), sql(MYSQL, "CHARACTER SET {}", Text(charset))
    if collate and (reset or not _same(collate, sorting)):
        yield Change("collate", sorting, collate), sql(MYSQL, "COLLATE {}", Text(collate))


def _same(wanted: str | None, now: str | None) -> bool:
    """Say whether two names mean one thing; ``utf8`` is ``utf8mb3``, or ``utf8mb4`` where a server has it so."""
    if not wanted or not now:
        return False
    name, other = wanted.lower(), now.lower()
    return name == other or (re.match(r"utf8(_|$)", name) is not None and re.sub("^utf8mb[34]", "utf8", other) == name)
