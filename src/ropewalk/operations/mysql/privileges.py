"""mysql.privileges"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Secret, Steps
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.mysql.grants import GRANT_OPTION, USAGE, Difference, Privilege, difference, listed, read
from ropewalk.operations.mysql.server import Server
from ropewalk.shell.sql import MYSQL, Name, Sql, Text, sql


@operation()
def privileges(
    user: str,
    privileges: str | Collection[str],
    user_hostname: str = "localhost",
    database: str = "*",
    table: str = "*",
    flush: bool = True,
    with_grant_option: bool = False,
    mysql_user: str | None = None,
    mysql_password: str | Secret | None = None,
    mysql_host: str | None = None,
    mysql_port: int | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Say what a user may do with everything, a database or a table: this and nothing else.

    Privileges on other things are left alone.

    :param user: name of the user.
    :param privileges: such as ``"SELECT"``, ``"SELECT (column, column)"``, ``"ALL"``; none takes all away.
    :param user_hostname: where the user connects from.
    :param database: name of the database; ``"*"``: all. As MySQL has it, ``_`` and ``%`` stand for any character and
        any text, unless a backslash is in front.
    :param table: name of the table; ``"*"``: all.
    :param flush: let the server read its tables of privileges again after a change.
    :param with_grant_option: let the user pass these privileges on.
    :param mysql_user: the user to connect as; by default as the client's configuration says.
    :param mysql_password: the password.
    :param mysql_host: host of the server.
    :param mysql_port: port of the server.
    :raises OperationValueError: something that is not a privilege, or a table of all databases.
    :raises OperationError: there is no client on the host.

    ::

        mysql.privileges(
            name="Let the app work with its data", user="app", privileges=["SELECT", "INSERT"], database="app"
        )
    """
    server = Server.of(mysql_user, mysql_password, mysql_host, mysql_port)
    yield from ensure_privileges(
        server, user, user_hostname, privileges, database, table, flush=flush, with_grant_option=with_grant_option
    )


def ensure_privileges(
    server: Server,
    user: str,
    hostname: str,
    privileges: str | Collection[str],
    database: str = "*",
    table: str = "*",
    *,
    flush: bool = True,
    with_grant_option: bool = False,
) -> Steps:
    """Yield what gives a user privileges on one target, and takes all others on it away."""
    if database == "*" and table != "*":
        raise OperationValueError("a table is in a database", hint="give `database` too")
    want = read(privileges) | ({Privilege(GRANT_OPTION)} if with_grant_option else frozenset())
    target = sql(MYSQL, "{}.{}", _name(database), _name(table))
    have = _read_grants(server.grants(user, hostname), database, table)
    found = difference(have, want, everywhere=database == "*")
    steps = [*_statements(found, target, sql(MYSQL, "{}@{}", Text(user), Text(hostname)))]
    if not steps:
        current_host.get().noop(f"the privileges of {user}@{hostname} on {target} are as wanted")
        return
    yield Change(f"privileges on {target}", _text(have), _text(_after(have, found)))
    yield server.statements(*steps, *([sql(MYSQL, "FLUSH PRIVILEGES")] if flush else []))


def _name(name: str) -> Name | Sql:
    return Sql(("*",)) if name == "*" else Name(name)


def _read_grants(grants: dict[str, set[str]], database: str, table: str) -> frozenset[Privilege]:
    """Return what is granted on a target, however the server writes its name."""
    found: frozenset[Privilege] = frozenset()
    for target, privileges in grants.items():
        if _parts(target) == (database, table):
            found |= read(privileges)
    return found


def _parts(target: str) -> tuple[str, str] | None:
    found = re.fullmatch(r"(`(?:[^`]|``)*`|\*)\.(`(?:[^`]|``)*`|\*)", target)
    return (_plain(found[1]), _plain(found[2])) if found else None


def _plain(name: str) -> str:
    return name[1:-1].replace("``", "`") if name.startswith("`") else name


def _statements(found: Difference, target: Sql, user: Sql) -> Iterator[Sql]:
    if found.revoke_first:
        yield sql(MYSQL, "REVOKE {} ON {} FROM {}", listed(found.revoke_first), target, user)
    if found.grant:
        option = Privilege(GRANT_OPTION)
        plain = found.grant - {option} or {Privilege(USAGE)}
        end = " WITH GRANT OPTION" if option in found.grant else ""
        yield sql(MYSQL, "GRANT {} ON {} TO {}" + end, listed(plain), target, user)
    if found.revoke:
        yield sql(MYSQL, "REVOKE {} ON {} FROM {}", listed(found.revoke), target, user)


def _after(have: frozenset[Privilege], found: Difference) -> frozenset[Privilege]:
    return (have - found.revoke_first | found.grant) - found.revoke


def _text(privileges: frozenset[Privilege]) -> str | None:
    return ", ".join(map(str, sorted(map(str, privileges)))) or None
