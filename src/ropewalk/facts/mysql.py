"""Databases, users and privileges of a server of MySQL or MariaDB.

Columns: https://dev.mysql.com/doc/refman/8.4/en/information-schema.html; output: mysql(1).
"""

from __future__ import annotations

from typing import Any, ClassVar

from ropewalk.api.fact import FactBase
from ropewalk.facts.known_failures import allowing
from ropewalk.facts.mysql_client import UNLESS_MISSING, fields, mysql, statements, unescaped
from ropewalk.facts.mysql_grants import read_grant
from ropewalk.model.command import Raw, Secret, Shell, sh
from ropewalk.shell.sql import MYSQL, MYSQL_MODE, Sql, Text, sql

_LIMITS = ("max_questions", "max_updates", "max_connections", "max_user_connections")
_YES_OR_NO = ("is_role", "password_expired")


class MysqlFactBase(FactBase[Any]):
    """What is read from a server with mysql(1).

    :param mysql_user: the user to connect as; by default as the client's configuration says.
    :param mysql_password: the password; it reaches the client on a descriptor.
    :param mysql_host: host of the server.
    :param mysql_port: port of the server.
    """

    #: What the server is asked.
    query = sql(MYSQL, "SELECT VERSION()")
    #: The same as plain text, in classes that were written for v3; their ``process`` gets the lines of ``mysql -B``.
    mysql_command: ClassVar[str | None] = None

    def command(
        self,
        mysql_user: str | None = None,
        mysql_password: str | Secret | None = None,
        mysql_host: str | None = None,
        mysql_port: int | None = None,
    ) -> Shell:
        client = mysql(mysql_user, mysql_password, mysql_host, mysql_port)
        if self.mysql_command is not None:
            return _unless_missing(client.run("-e", self.mysql_command))
        return _unless_missing(statements(client, self.query))


class MysqlDatabases(MysqlFactBase):
    """The databases of a server: name -> ``character_set`` and ``collation_name``.

    ::

        {"shop": {"character_set": "utf8mb4", "collation_name": "utf8mb4_general_ci"}}
    """

    query = sql(MYSQL, "SELECT * FROM information_schema.SCHEMATA")

    def process(self, output: list[str]) -> dict[str, dict[str, str | None]]:
        return {
            str(row["SCHEMA_NAME"]): {
                "character_set": row["DEFAULT_CHARACTER_SET_NAME"],
                "collation_name": row["DEFAULT_COLLATION_NAME"],
            }
            for row in _rows(output)
        }

    @staticmethod
    def default() -> dict[str, dict[str, str | None]]:
        return {}


class MysqlUsers(MysqlFactBase):
    """The users of a server: ``user@host`` -> columns of ``mysql.user``.

    The columns that say what a user may do anywhere are gathered in ``privileges``, without ``_priv`` at the ends of
    their names. The limits are numbers; what is empty is ``None``.

    ::

        {"ann@localhost": {"plugin": "mysql_native_password", "max_connections": 0, "privileges": ["Select",
         "Insert"]}}
    """

    query = sql(MYSQL, "SELECT * FROM mysql.user")

    def process(self, output: list[str]) -> dict[str, dict[str, Any]]:
        return {f"{row.pop('User') or ''}@{row.pop('Host') or ''}": _user(row) for row in _rows(output)}

    @staticmethod
    def default() -> dict[str, dict[str, Any]]:
        return {}


class MysqlUserGrants(MysqlFactBase):
    """What a user may do: ``*.*``, ```database`.*`` ... -> privileges, ``GRANT OPTION`` among them.

    Empty for a user who does not exist. Roles are not part of it.

    :param user: name of the user.
    :param hostname: where the user connects from.

    ::

        {"`shop`.*": {"SELECT", "INSERT"}, "*.*": {"USAGE"}}
    """

    def command(  # type: ignore[override]
        self,
        user: str,
        hostname: str = "localhost",
        mysql_user: str | None = None,
        mysql_password: str | Secret | None = None,
        mysql_host: str | None = None,
        mysql_port: int | None = None,
    ) -> Shell:
        client = mysql(mysql_user, mysql_password, mysql_host, mysql_port)
        show = sql(MYSQL, "SHOW GRANTS FOR {}@{}", Text(user), Text(hostname))
        # Error Message Reference: 1141 is ER_NONEXISTING_GRANT.
        return _unless_missing(allowing(statements(client, Sql((MYSQL_MODE,)), show), "*'ERROR 1141 '*"))

    def process(self, output: list[str]) -> dict[str, set[str]]:
        grants: dict[str, set[str]] = {}
        for line in output:
            found = read_grant(unescaped(line))
            if found:
                grants.setdefault(found[0], set()).update(found[1])
        return grants

    @staticmethod
    def default() -> dict[str, set[str]]:
        return {}


def _unless_missing(command: Shell) -> Shell:
    return sh(Raw(UNLESS_MISSING), *command.words)


def _rows(output: list[str]) -> list[dict[str, str | None]]:
    head, *lines = output
    names = [str(name) for name in fields(head)]
    return [dict(zip(names, fields(line), strict=True)) for line in lines]


def _user(row: dict[str, str | None]) -> dict[str, Any]:
    granted = [name.removesuffix("_priv") for name in row if name.endswith("_priv") and row[name] == "Y"]
    user: dict[str, Any] = {name: value or None for name, value in row.items() if not name.endswith("_priv")}
    for name in _LIMITS:
        user[name] = int(row.get(name) or 0)
    for name in _YES_OR_NO:
        if name in row:
            user[name] = row[name] == "Y"
    user["privileges"] = sorted(granted)
    return user
