"""Which privileges are to be granted and revoked: a pure function of those that there are and those that are wanted.

Privileges: MySQL, Privileges Provided by MySQL; MariaDB, GRANT.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ropewalk.facts.mysql_grants import split_privileges
from ropewalk.model.errors import OperationValueError
from ropewalk.model.record import record
from ropewalk.shell.sql import MYSQL, Name, Sql, joined_sql, sql

ALL, GRANT_OPTION, USAGE = "ALL PRIVILEGES", "GRANT OPTION", "USAGE"

#: What ALL PRIVILEGES stands for on *.*, where servers of MySQL 8 list it.
_EVERYTHING = frozenset({
    "ALTER", "ALTER ROUTINE", "CREATE", "CREATE ROUTINE", "CREATE TABLESPACE", "CREATE TEMPORARY TABLES",
    "CREATE USER", "CREATE VIEW", "DELETE", "DROP", "EVENT", "EXECUTE", "FILE", "INDEX", "INSERT", "LOCK TABLES",
    "PROCESS", "REFERENCES", "RELOAD", "REPLICATION CLIENT", "REPLICATION SLAVE", "SELECT", "SHOW DATABASES",
    "SHOW VIEW", "SHUTDOWN", "SUPER", "TRIGGER", "UPDATE",
})  # fmt: skip
_PRIVILEGE = re.compile(r"([A-Za-z_][A-Za-z_ ]*?)\s*(?:\((.*)\))?", re.DOTALL)
_COLUMN = re.compile(r"\s*(?:`((?:[^`]|``)*)`|([^`,]*[^`,\s]))\s*(?:,|$)")


@dataclass(frozen=True, slots=True, order=True)
class Privilege:
    """One privilege, on one column or on the whole."""

    name: str
    column: str | None = None

    def __str__(self) -> str:
        return self.name if self.column is None else f"{self.name} ({self.column})"


@record
class Difference:
    """What has to be done, in this order."""

    revoke_first: frozenset[Privilege] = frozenset()
    grant: frozenset[Privilege] = frozenset()
    revoke: frozenset[Privilege] = frozenset()


def read(privileges: str | Iterable[str]) -> frozenset[Privilege]:
    """Read privileges as a deploy or a server writes them.

    :param privileges: one or several; text may hold several with commas between them.
    :raises OperationValueError: something that cannot be a privilege.

    >>> sorted(map(str, read(["select (a, `b c`)", "All"])))
    ['ALL PRIVILEGES', 'SELECT (a)', 'SELECT (b c)']
    """
    texts = [privileges] if isinstance(privileges, str) else privileges
    found = {one for text in texts for part in split_privileges(text) for one in _read(part)}
    return frozenset(found - {Privilege(USAGE)})


def difference(have: Collection[Privilege], want: Collection[Privilege], *, everywhere: bool) -> Difference:
    """Return what has to be granted and revoked.

    :param everywhere: this is about ``*.*``.
    """
    option = Privilege(GRANT_OPTION)
    has, wants = frozenset(have) - {option}, frozenset(want) - {option}
    grant = frozenset(want) & {option} - frozenset(have)
    revoke = frozenset(have) & {option} - frozenset(want)
    whole = Privilege(ALL)
    if whole in wants:
        complete = whole in has or (everywhere and {one.name for one in has} >= _EVERYTHING)
        return Difference(grant=grant | (frozenset() if complete else {whole}), revoke=revoke)
    if whole in has:
        return Difference(revoke_first=frozenset({whole}), grant=grant | wants, revoke=revoke)
    return Difference(grant=grant | (wants - has), revoke=revoke | (has - wants))


def listed(privileges: Collection[Privilege]) -> Sql:
    """Return privileges as GRANT and REVOKE take them.

    >>> str(listed(read("SELECT (b, a), INSERT")))
    'INSERT, SELECT (`a`, `b`)'
    """
    pieces = []
    for name in sorted({privilege.name for privilege in privileges}):
        columns = sorted(one.column for one in privileges if one.name == name and one.column is not None)
        if Privilege(name) in privileges:
            pieces.append(Sql((name,)))
        if columns:
            names = joined_sql(sql(MYSQL, "{}", Name(column)) for column in columns)
            pieces.append(sql(MYSQL, "{} ({})", Sql((name,)), names))
    return joined_sql(pieces)


def _read(text: str) -> Iterable[Privilege]:
    found = _PRIVILEGE.fullmatch(text)
    if not found:
        raise OperationValueError(f"{text!r} is not a privilege", hint='they look like "SELECT" or "SELECT (a, b)"')
    name = " ".join(found[1].upper().split())
    if name == "ALL":
        name = ALL
    if found[2] is None:
        return [Privilege(name)]
    return [Privilege(name, column) for column in _columns(found[2])]


def _columns(text: str) -> Iterable[str]:
    place = 0
    while place < len(text):
        found = _COLUMN.match(text, place)
        if not found:
            raise OperationValueError(f"{text!r} is not a list of columns")
        place = found.end()
        yield found[1].replace("``", "`") if found[1] is not None else found[2]
