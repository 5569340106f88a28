"""The server that an operation is about: what its ``psql_...`` arguments say."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from ropewalk.api.context import current_host
from ropewalk.facts.database_client import Client
from ropewalk.facts.postgres import PostgresDatabases, PostgresPasswords, PostgresRoles
from ropewalk.facts.postgres_client import pg_dump, psql, statement
from ropewalk.model.command import Secret, Shell
from ropewalk.model.errors import OperationError
from ropewalk.shell.sql import Sql


@dataclass(frozen=True)
class Server:
    """How to reach a server; the fields are the arguments of its facts."""

    psql_user: str | None = None
    psql_password: Secret | None = None
    psql_host: str | None = None
    psql_port: int | None = None
    psql_database: str | None = None

    @classmethod
    def of(
        cls, user: str | None, password: str | Secret | None, host: str | None, port: int | None, database: str | None
    ) -> Server:
        """Take the arguments of an operation; what is empty counts as not given."""
        secret = password if isinstance(password, Secret) or not password else Secret(password)
        return cls(user or None, secret or None, host or None, port or None, database or None)

    def psql(self, encoding: str | None = "UTF8") -> Client:
        return psql(*self._place, encoding=encoding)

    def pg_dump(self) -> Client:
        return pg_dump(*self._place)

    def statement(self, text: Sql) -> Shell:
        return statement(self.psql(), text)

    def roles(self) -> dict[str, dict[str, Any]]:
        """Return the roles of the server, as the fact has them.

        :raises OperationError: there is no psql on the host; every server has roles.
        """
        return _some(current_host.get().get_fact(PostgresRoles, **self.arguments))

    def databases(self) -> dict[str, dict[str, Any]]:
        """Return the databases of the server, as the fact has them.

        :raises OperationError: there is no psql on the host; every server has databases.
        """
        return _some(current_host.get().get_fact(PostgresDatabases, **self.arguments))

    def passwords(self) -> dict[str, Secret | None]:
        found: dict[str, Secret | None] = current_host.get().get_fact(PostgresPasswords, **self.arguments)
        return found

    @property
    def arguments(self) -> dict[str, Any]:
        """What the facts take; what is not given is left out."""
        return {entry.name: value for entry in fields(self) if (value := getattr(self, entry.name)) is not None}

    @property
    def _place(self) -> tuple[str | None, Secret | None, str | None, int | None, str | None]:
        return self.psql_user, self.psql_password, self.psql_host, self.psql_port, self.psql_database


def _some(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    if not found:
        raise OperationError("psql is not installed on the host", hint="Debian and others have it as postgresql-client")
    return found
