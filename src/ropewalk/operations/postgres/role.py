"""postgres.role"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import MASK, Change, Secret, Steps
from ropewalk.operations.postgres.passwords import is_password
from ropewalk.operations.postgres.server import Server
from ropewalk.shell.sql import POSTGRES, Name, Sql, Text, joined_sql, sql

#: What an operation calls it -> column of pg_roles, keyword.
_ATTRIBUTES = {
    "login": ("canlogin", "LOGIN"),
    "superuser": ("super", "SUPERUSER"),
    "inherit": ("inherit", "INHERIT"),
    "createdb": ("createdb", "CREATEDB"),
    "createrole": ("createrole", "CREATEROLE"),
    "replication": ("replication", "REPLICATION"),
}


@operation()
def role(
    role: str,
    present: bool = True,
    password: str | Secret | None = None,
    login: bool = True,
    superuser: bool = False,
    inherit: bool = False,
    createdb: bool = False,
    createrole: bool = False,
    replication: bool = False,
    connection_limit: int | None = None,
    psql_user: str | None = None,
    psql_password: str | Secret | None = None,
    psql_host: str | None = None,
    psql_port: int | None = None,
    psql_database: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Add, change or remove a role.

    What is true is given to a role that lacks it. What is false is not given to a new role, and left as it is on one
    that exists, except for ``login``, which is taken away.

    :param role: its name.
    :param present: ``False`` drops it.
    :param password: its password, or a verifier made by PostgreSQL. Whether it is the one that is kept can be told only
        by superusers; others set it every time. It is never shown, and reaches the host as a document.
    :param login: whether it may log in.
    :param superuser: whether it is a superuser.
    :param inherit: whether it has the rights of roles that it is a member of; new roles have them in any case.
    :param createdb: whether it may create databases.
    :param createrole: whether it may create roles.
    :param replication: whether it may replicate.
    :param connection_limit: how many connections it may have at a time; -1: any number.
    :param psql_user: the role to connect as; by default the user that commands run as.
    :param psql_password: its password.
    :param psql_host: host of the server, or directory of its socket.
    :param psql_port: port of the server.
    :param psql_database: the database to connect to.
    :raises OperationError: there is no psql on the host.

    ::

        with host.arguments(_sudo=True, _sudo_user="postgres"):
            postgres.role(name="The app's role", role="app", password=Secret(host.data.app_password))
    """
    server = Server.of(psql_user, psql_password, psql_host, psql_port, psql_database)
    have = server.roles().get(role)
    host = current_host.get()
    if not present:
        if have is None:
            host.noop(f"there is no role {role}")
        else:
            yield server.statement(sql(POSTGRES, "DROP ROLE {}", Name(role)))
        return
    wanted = {
        "login": login,
        "superuser": superuser,
        "inherit": inherit,
        "createdb": createdb,
        "createrole": createrole,
        "replication": replication,
    }
    secret = (password if isinstance(password, Secret) else Secret(password)) if password else None
    if have is None:
        options = [*_created(wanted), *_others(connection_limit, secret)]
        yield server.statement(_with(sql(POSTGRES, "CREATE ROLE {}", Name(role)), options))
        return
    limit = connection_limit if connection_limit != have["connlimit"] else None
    if secret is not None and is_password(server.passwords().get(role), role, secret.value):
        secret = None
    changes = [*_changed(have, wanted)]
    options = [*(keyword for _, keyword in changes), *_others(limit, secret)]
    if not options:
        host.noop(f"the role {role} is as wanted")
        return
    yield from (change for change, _ in changes)
    if limit is not None:
        yield Change("connection limit", str(have["connlimit"]), str(limit))
    if secret is not None:
        yield Change("password", MASK, MASK)
    yield server.statement(_with(sql(POSTGRES, "ALTER ROLE {}", Name(role)), options))


def _created(wanted: Mapping[str, bool]) -> Iterator[Sql]:
    for attribute, (_, keyword) in _ATTRIBUTES.items():
        if wanted[attribute]:
            yield sql(POSTGRES, keyword)


def _changed(have: Mapping[str, Any], wanted: Mapping[str, bool]) -> Iterator[tuple[Change, Sql]]:
    for attribute, (column, keyword) in _ATTRIBUTES.items():
        if wanted[attribute] and not have[column]:
            yield Change(attribute, "no", "yes"), sql(POSTGRES, keyword)
        elif attribute == "login" and have[column] and not wanted[attribute]:
            yield Change(attribute, "yes", "no"), sql(POSTGRES, "NOLOGIN")


def _others(limit: int | None, password: Secret | None) -> Iterator[Sql]:
    if limit is not None:
        yield sql(POSTGRES, "CONNECTION LIMIT {}", limit)
    if password is not None:
        yield sql(POSTGRES, "PASSWORD {}", Text(password))


def _with(head: Sql, options: list[Sql]) -> Sql:
    return joined_sql([head, *options], " ")
