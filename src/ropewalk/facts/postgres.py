"""Databases and roles of a PostgreSQL server, from its system catalogs (PostgreSQL, System Catalogs).

Columns: https://www.postgresql.org/docs/current/catalogs.html.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ropewalk.api.fact import FactBase
from ropewalk.facts.known_failures import allowing
from ropewalk.facts.postgres_client import psql
from ropewalk.model.command import Secret, Shell

#: Numbers that JSON has as text, since PostgreSQL gives them types of their own.
_NUMBERS = ("oid", "dba", "tablespace", "frozenxid", "minmxid")


class PostgresFactBase(FactBase[Any]):
    """What is read from a PostgreSQL server with psql.

    :param psql_user: the role to connect as; by default as psql has it: the user that commands run as.
    :param psql_password: its password; it reaches psql on a descriptor.
    :param psql_host: host of the server, or directory of its socket.
    :param psql_port: port of the server.
    :param psql_database: the database to connect to; by default the one named as the role.
    """

    #: The query, which returns one JSON object a row.
    query: ClassVar[str] = "SELECT pg_catalog.row_to_json(t) FROM (SELECT pg_catalog.version()) t"
    #: A query of any shape, in classes that were written for v3; their ``process`` gets the lines of ``psql -A``.
    psql_command: ClassVar[str | None] = None

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "psql"

    def command(
        self,
        psql_user: str | None = None,
        psql_password: str | Secret | None = None,
        psql_host: str | None = None,
        psql_port: int | None = None,
        psql_database: str | None = None,
    ) -> Shell:
        client = psql(psql_user, psql_password, psql_host, psql_port, psql_database)
        if self.psql_command is not None:
            return client.run("-c", self.psql_command)
        return client.run("-t", "-c", self.query)

    def process(self, output: list[str]) -> Any:
        if self.psql_command is not None:
            return super().process(output)
        return self.read_rows([json.loads(line) for line in output if line])

    def read_rows(self, rows: list[dict[str, Any]]) -> Any:
        """Make the value of the rows that the query returned."""
        return rows


class PostgresDatabases(PostgresFactBase):
    """The databases of a server: name -> the columns of ``pg_database`` without ``dat`` in front of their names.

    ``encoding`` is its name, ``owner`` the name of the owner, ``tablespace_name`` that of the tablespace.

    ::

        {"shop": {"owner": "ann", "encoding": "UTF8", "collate": "C.UTF-8", "connlimit": -1, "istemplate": False}}
    """

    # Of columns with one name the last counts.
    query = (
        "SELECT pg_catalog.row_to_json(t) FROM (SELECT d.*, datacl::text AS datacl, "
        "pg_catalog.pg_encoding_to_char(encoding) AS encoding, pg_catalog.pg_get_userbyid(datdba) AS owner, "
        "s.spcname AS tablespace_name FROM pg_catalog.pg_database d "
        "JOIN pg_catalog.pg_tablespace s ON s.oid = dattablespace) t"
    )

    def process(self, output: list[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = super().process(output)
        return found

    def read_rows(self, rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return _named(rows, "dat")

    @staticmethod
    def default() -> dict[str, dict[str, Any]]:
        return {}


class PostgresRoles(PostgresFactBase):
    """The roles of a server: name -> the columns of ``pg_roles`` without ``rol`` in front of their names.

    ::

        {"ann": {"super": False, "canlogin": True, "createdb": False, "connlimit": -1}}
    """

    query = (
        "SELECT pg_catalog.row_to_json(t) FROM (SELECT r.*, rolvaliduntil::text AS rolvaliduntil, "
        "rolconfig::text AS rolconfig FROM pg_catalog.pg_roles r) t"
    )

    def process(self, output: list[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = super().process(output)
        return found

    def read_rows(self, rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return _named(rows, "rol")

    @staticmethod
    def default() -> dict[str, dict[str, Any]]:
        return {}


class PostgresPasswords(PostgresFactBase):
    """What the server keeps of the passwords of its roles: name -> verifier, or ``None`` for a role without a password.

    Empty for those who may not see it, that is for all but superusers.
    """

    query = "SELECT pg_catalog.row_to_json(t) FROM (SELECT rolname, rolpassword FROM pg_catalog.pg_authid) t"

    def command(
        self,
        psql_user: str | None = None,
        psql_password: str | Secret | None = None,
        psql_host: str | None = None,
        psql_port: int | None = None,
        psql_database: str | None = None,
    ) -> Shell:
        client = psql(psql_user, psql_password, psql_host, psql_port, psql_database)
        # PostgreSQL Error Codes: 42501 is insufficient_privilege.
        return allowing(client.run("-t", "-v", "VERBOSITY=verbose", "-c", self.query), "*' 42501: '*")

    def read_rows(self, rows: list[dict[str, Any]]) -> dict[str, Secret | None]:
        return {row["rolname"]: Secret(row["rolpassword"]) if row["rolpassword"] else None for row in rows}

    @staticmethod
    def default() -> dict[str, Secret | None]:
        return {}


def _named(rows: list[dict[str, Any]], prefix: str) -> dict[str, dict[str, Any]]:
    """Return rows by name, with a prefix taken off the names of their columns."""
    named = {}
    for row in rows:
        name = row.pop(f"{prefix}name")
        columns = {key.removeprefix(prefix): value for key, value in row.items()}
        named[name] = {key: int(value) if key in _NUMBERS else value for key, value in columns.items()}
    return named
