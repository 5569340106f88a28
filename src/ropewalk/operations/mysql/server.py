"""The server that an operation is about: what its ``mysql_...`` arguments say."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from ropewalk.api.context import current_host
from ropewalk.facts.database_client import Client
from ropewalk.facts.mysql import MysqlDatabases, MysqlUserGrants, MysqlUsers
from ropewalk.facts.mysql_client import mysql, mysqldump, statements
from ropewalk.model.command import Secret, Shell
from ropewalk.model.errors import OperationError
from ropewalk.shell.sql import Sql


@dataclass(frozen=True)
class Server:
    """How to reach a server; the fields are the arguments of its facts."""

    mysql_user: str | None = None
    mysql_password: Secret | None = None
    mysql_host: str | None = None
    mysql_port: int | None = None

    @classmethod
    def of(cls, user: str | None, password: str | Secret | None, host: str | None, port: int | None) -> Server:
        """Take the arguments of an operation; what is empty counts as not given."""
        secret = password if isinstance(password, Secret) or not password else Secret(password)
        return cls(user or None, secret or None, host or None, port or None)

    @property
    def arguments(self) -> dict[str, Any]:
        """What the facts take; what is not given is left out."""
        return {entry.name: value for entry in fields(self) if (value := getattr(self, entry.name)) is not None}

    def mysql(self, database: str | None = None, encoding: str | None = "utf8mb4") -> Client:
        return mysql(*self._place, database, encoding=encoding)

    def mysqldump(self, database: str | None = None) -> Client:
        return mysqldump(*self._place, database)

    def statements(self, *texts: Sql) -> Shell:
        return statements(self.mysql(), *texts)

    def user(self, user: str, hostname: str) -> dict[str, Any] | None:
        """Return the entry of a user in the fact; servers keep names of hosts in lower case.

        :raises OperationError: there is no client on the host; every server has users.
        """
        users = _some(current_host.get().get_fact(MysqlUsers, **self.arguments))
        return users.get(f"{user}@{hostname}") or users.get(f"{user}@{hostname.lower()}")

    def databases(self) -> dict[str, dict[str, Any]]:
        """Return the databases of the server, as the fact has them.

        :raises OperationError: there is no client on the host; every server has databases.
        """
        return _some(current_host.get().get_fact(MysqlDatabases, **self.arguments))

    def grants(self, user: str, hostname: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = current_host.get().get_fact(
            MysqlUserGrants, user=user, hostname=hostname, **self.arguments
        )
        return found

    @property
    def _place(self) -> tuple[str | None, Secret | None, str | None, int | None]:
        return self.mysql_user, self.mysql_password, self.mysql_host, self.mysql_port


def _some(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    if not found:
        raise OperationError(
            "neither mysql nor mariadb is installed on the host",
            hint="Debian and others have it as default-mysql-client or mariadb-client",
        )
    return found
