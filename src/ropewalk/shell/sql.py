"""SQL whose structure no value can change: names and texts are quoted by construction.

A statement is a template that its author wrote, and values that say what they are::

    sql(POSTGRES, "ALTER ROLE {} PASSWORD {}", Name("ann"), Text(Secret("p'w")))

PostgreSQL (SQL Syntax, Lexical Structure): names are quoted with ``"``, texts with ``'``, and those that hold a
backslash are written ``E'...'``, which means the same under every setting. MySQL and MariaDB (Language Structure):
names are quoted with a backtick; texts are right while the server reads a backslash as an escape, see
:data:`MYSQL_MODE`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from ropewalk.model.command import Joined, Secret
from ropewalk.model.errors import OperationValueError
from ropewalk.model.record import record


@record
class Name:
    """The name of a role, database, column ..."""

    value: str


@record
class Text:
    """A value of type text."""

    value: str | Secret


@record
class Sql:
    """A piece of SQL, quoted; a secret in it stays hidden."""

    parts: tuple[str | Secret, ...]

    @property
    def hidden(self) -> bool:
        """Whether it holds a secret."""
        return any(isinstance(part, Secret) for part in self.parts)

    @property
    def word(self) -> Joined:
        """The whole as one word of a command."""
        return Joined(self.parts)

    def reveal(self) -> str:
        """Return the text that the server gets."""
        return "".join(part.value if isinstance(part, Secret) else part for part in self.parts)

    def __str__(self) -> str:
        return "".join(map(str, self.parts))


Value: TypeAlias = "Name | Text | Sql | int"


@record
class Dialect:
    """How one family of servers quotes."""

    name: Callable[[str], str]
    text: Callable[[str], str]


def sql(dialect: Dialect, template: str, *values: Value) -> Sql:
    """Put values into a template; each ``{}`` stands for one.

    :param template: written by the author of the code, never made of values.
    :raises OperationValueError: a value holds a NUL, which no server takes.

    >>> str(sql(POSTGRES, "DROP ROLE {}", Name('a"b')))
    'DROP ROLE "a""b"'
    """
    pieces = template.split("{}")
    if len(pieces) != len(values) + 1:
        raise ValueError(f"{len(values)} values for the {len(pieces) - 1} places of {template!r}")
    parts: list[str | Secret] = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        parts += [*_quoted(dialect, value), piece]
    return Sql(_merged(parts))


def joined_sql(pieces: Iterable[Sql], separator: str = ", ") -> Sql:
    """Return several pieces as one, with a separator between them.

    >>> str(joined_sql([Sql(("a",)), Sql(("b",))]))
    'a, b'
    """
    parts: list[str | Secret] = []
    for index, piece in enumerate(pieces):
        parts += [*([separator] if index else []), *piece.parts]
    return Sql(_merged(parts))


def _quoted(dialect: Dialect, value: Value) -> tuple[str | Secret, ...]:
    match value:
        case Sql(parts):
            return parts
        case Name(name):
            return (dialect.name(_checked(name)),)
        case Text(Secret() as secret):
            return (Secret(dialect.text(_checked(secret.value)), secret.shown),)
        case Text(str() as text):
            return (dialect.text(_checked(text)),)
        case int() if not isinstance(value, bool):
            return (str(value),)
    raise TypeError(f"SQL is made of names, texts and numbers, not of {value!r}")


def _checked(text: str) -> str:
    if "\0" in text:
        raise OperationValueError("a value for a database must not hold a NUL character")
    return text


def _merged(parts: Iterable[str | Secret]) -> tuple[str | Secret, ...]:
    merged: list[str | Secret] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return tuple(merged)


def _postgres_text(text: str) -> str:
    doubled = text.replace("'", "''")
    return "E'" + doubled.replace("\\", "\\\\") + "'" if "\\" in text else f"'{doubled}'"


POSTGRES = Dialect(
    name=lambda name: '"' + name.replace('"', '""') + '"',
    text=_postgres_text,
)
MYSQL = Dialect(
    name=lambda name: "`" + name.replace("`", "``") + "`",
    text=lambda text: "'" + text.replace("\\", "\\\\").replace("'", "''") + "'",
)
#: Makes a session of MySQL or MariaDB read a backslash, and show names, as they are written here. What keeps GRANT from
#: making users, where the server has it, stays.
MYSQL_MODE = "SET SESSION sql_mode = IF(FIND_IN_SET('NO_AUTO_CREATE_USER', @@sql_mode), 'NO_AUTO_CREATE_USER', '')"
