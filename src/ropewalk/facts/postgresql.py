"""The older names of the facts in :mod:`ropewalk.facts.postgres`.

Columns: https://www.postgresql.org/docs/current/catalogs.html.
"""

from __future__ import annotations

from ropewalk.facts.postgres import PostgresDatabases, PostgresRoles


class PostgresqlDatabases(PostgresDatabases):
    """The databases of a server; see :class:`~ropewalk.facts.postgres.PostgresDatabases`."""


class PostgresqlRoles(PostgresRoles):
    """The roles of a server; see :class:`~ropewalk.facts.postgres.PostgresRoles`."""
