"""mysql.user"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import MASK, Change, Secret, Steps
from ropewalk.model.errors import OperationError
from ropewalk.model.record import record
from ropewalk.operations.mysql.passwords import is_password
from ropewalk.operations.mysql.privileges import ensure_privileges
from ropewalk.operations.mysql.server import Server
from ropewalk.operations.mysql.tls import Tls
from ropewalk.shell.sql import MYSQL, Sql, Text, joined_sql, sql

#: What an operation calls a limit -> column of mysql.user, keyword.
_LIMITS = {
    "max_connections": ("max_user_connections", "MAX_USER_CONNECTIONS"),
    "max_queries_per_hour": ("max_questions", "MAX_QUERIES_PER_HOUR"),
    "max_updates_per_hour": ("max_updates", "MAX_UPDATES_PER_HOUR"),
    "max_connections_per_hour": ("max_connections", "MAX_CONNECTIONS_PER_HOUR"),
}


@operation()
def user(
    user: str,
    present: bool = True,
    user_hostname: str = "localhost",
    password: str | Secret | None = None,
    privileges: str | Collection[str] | None = None,
    require: str | None = None,
    require_cipher: str | None = None,
    require_issuer: str | None = None,
    require_subject: str | None = None,
    max_connections: int | None = None,
    max_queries_per_hour: int | None = None,
    max_updates_per_hour: int | None = None,
    max_connections_per_hour: int | None = None,
    mysql_user: str | None = None,
    mysql_password: str | Secret | None = None,
    mysql_host: str | None = None,
    mysql_port: int | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Add, change or remove a user.

    What is not given is left to the server, or as it is.

    :param user: the user's name.
    :param present: ``False`` drops the user.
    :param user_hostname: where the user connects from; ``"%"``: anywhere.
    :param password: the password. It is never shown, and reaches the host as a document.
    :param privileges: what the user may do with all databases, this and nothing else; see ``mysql.privileges``.
    :param require: how the user has to connect: ``"SSL"``, ``"X509"`` (with a certificate), or ``"NONE"``: as it likes.
    :param require_cipher: with ``"X509"``: the cipher.
    :param require_issuer: with ``"X509"``: the issuer of the certificate.
    :param require_subject: with ``"X509"``: the subject of the certificate.
    :param max_connections: how many connections the user may have at a time; 0: as the server says.
    :param max_queries_per_hour: how many statements in an hour; 0: any number.
    :param max_updates_per_hour: how many changes in an hour; 0: any number.
    :param max_connections_per_hour: how many new connections in an hour; 0: any number.
    :param mysql_user: the user to connect as; by default as the client's configuration says.
    :param mysql_password: the password.
    :param mysql_host: host of the server.
    :param mysql_port: port of the server.
    :raises OperationError: there is no client on the host; ``require`` makes no sense; or the user exists and logs in
        by a way that does not tell whether the password is right.

    ::

        mysql.user(name="The app's user", user="app", user_hostname="10.0.0.%", password=Secret(host.data.app_password))
    """
    tls = Tls.of(require, require_cipher, require_issuer, require_subject)
    server = Server.of(mysql_user, mysql_password, mysql_host, mysql_port)
    have = server.user(user, user_hostname)
    account = sql(MYSQL, "{}@{}", Text(user), Text(user_hostname))
    host = current_host.get()
    if not present:
        if have is None:
            host.noop(f"there is no user {user}@{user_hostname}")
        else:
            yield server.statements(sql(MYSQL, "DROP USER {}", account))
        return
    limits = {
        "max_connections": max_connections,
        "max_queries_per_hour": max_queries_per_hour,
        "max_updates_per_hour": max_updates_per_hour,
        "max_connections_per_hour": max_connections_per_hour,
    }
    want = _Wanted(f"{user}@{user_hostname}", _secret(password), tls, limits)
    if have is None:
        yield server.statements(joined_sql([sql(MYSQL, "CREATE USER {}", account), *want.clauses()], " "))
    else:
        changes = [*want.changes(have)]
        yield from changes
        if changes:
            attributes = {change.attribute for change in changes}
            yield server.statements(joined_sql([sql(MYSQL, "ALTER USER {}", account), *want.clauses(attributes)], " "))
        elif privileges is None:
            host.noop(f"the user {user}@{user_hostname} is as wanted")
    if privileges is not None:
        yield from ensure_privileges(server, user, user_hostname, privileges)


@record
class _Wanted:
    """A user as wanted."""

    user: str
    password: Secret | None
    tls: Tls | None
    limits: Mapping[str, int | None]

    def changes(self, have: Mapping[str, Any]) -> Iterator[Change]:
        """Yield what has to change about a user who exists."""
        if self.password is not None and not self._has_password(have, self.password):
            yield Change("password", MASK, MASK)
        if self.tls is not None and not self.tls.holds(have):
            yield Change("require", str(Tls.found(have)), str(self.tls))
        for name, (column, _) in _LIMITS.items():
            limit = self.limits[name]
            if limit is not None and limit != have[column]:
                yield Change(name, str(have[column]), str(limit))

    def clauses(self, attributes: Collection[str] | None = None) -> Iterator[Sql]:
        """Yield the clauses of CREATE USER, or those of ALTER USER that change attributes."""
        if self.password is not None and (attributes is None or "password" in attributes):
            yield sql(MYSQL, "IDENTIFIED BY {}", Text(self.password))
        if self.tls is not None and (attributes is None or "require" in attributes):
            yield self.tls.clause()
        limits = [
            sql(MYSQL, keyword + " {}", limit)
            for name, (_, keyword) in _LIMITS.items()
            if (limit := self.limits[name]) is not None and (attributes is None or name in attributes)
        ]
        if limits:
            yield sql(MYSQL, "WITH {}", joined_sql(limits, " "))

    def _has_password(self, have: Mapping[str, Any], password: Secret) -> bool:
        same = is_password(have, password.value)
        if same is None:
            raise OperationError(
                f"{self.user} logs in by {have.get('plugin')}, which does not tell whether a password is right",
                hint="leave `password` out, or drop the user first",
            )
        return same


def _secret(password: str | Secret | None) -> Secret | None:
    if isinstance(password, Secret):
        return password
    return Secret(password) if password else None
