"""postgres.database"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Secret, Steps
from ropewalk.model.errors import OperationError
from ropewalk.operations.postgres.server import Server
from ropewalk.shell.sql import POSTGRES, Name, Sql, Text, joined_sql, sql

# PostgreSQL, Character Set Support: other names of encodings.
_ALIASES = {
    "unicode": "utf8", "abc": "win1258", "tcvn": "win1258", "tcvn5712": "win1258", "vscii": "win1258", "alt": "win866",
    "win": "win1251", "koi8": "koi8r", "win950": "big5", "windows950": "big5", "win936": "gbk", "windows936": "gbk",
    "win949": "uhc", "windows949": "uhc", "mskanji": "sjis", "shiftjis": "sjis", "win932": "sjis",
    "windows932": "sjis", "iso88591": "latin1", "iso88592": "latin2", "iso88593": "latin3", "iso88594": "latin4",
    "iso88599": "latin5", "iso885910": "latin6", "iso885913": "latin7", "iso885914": "latin8", "iso885915": "latin9",
    "iso885916": "latin10",
}  # fmt: skip


@operation()
def database(
    database: str,
    present: bool = True,
    owner: str | None = None,
    template: str | None = None,
    encoding: str | None = None,
    lc_collate: str | None = None,
    lc_ctype: str | None = None,
    tablespace: str | None = None,
    connection_limit: int | None = None,
    psql_user: str | None = None,
    psql_password: str | Secret | None = None,
    psql_host: str | None = None,
    psql_port: int | None = None,
    psql_database: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Add, change or remove a database.

    What is not given is left to the server, or as it is.

    :param database: its name.
    :param present: ``False`` drops it, with all that is in it.
    :param owner: the role that owns it.
    :param template: the database that a new one is a copy of.
    :param encoding: its encoding, such as ``UTF8``; cannot be changed later.
    :param lc_collate: the locale that says how text is sorted; cannot be changed later.
    :param lc_ctype: the locale that says what is a letter; cannot be changed later.
    :param tablespace: the tablespace it is kept in. To move a database, nobody may be connected to it.
    :param connection_limit: how many connections it may have at a time; -1: any number.
    :param psql_user: the role to connect as; by default the user that commands run as.
    :param psql_password: its password.
    :param psql_host: host of the server, or directory of its socket.
    :param psql_port: port of the server.
    :param psql_database: the database to connect to, another one.
    :raises OperationError: there is no psql on the host, or the database exists with another encoding or locale.

    ::

        with host.arguments(_sudo=True, _sudo_user="postgres"):
            postgres.database(name="The app's database", database="app", owner="app", encoding="UTF8")
    """
    server = Server.of(psql_user, psql_password, psql_host, psql_port, psql_database)
    have = server.databases().get(database)
    host = current_host.get()
    if not present:
        if have is None:
            host.noop(f"there is no database {database}")
        else:
            yield server.statement(sql(POSTGRES, "DROP DATABASE {}", Name(database)))
        return
    if have is None:
        fixed = [("ENCODING {}", encoding), ("LC_COLLATE {}", lc_collate), ("LC_CTYPE {}", lc_ctype)]
        options = [
            *_options([("OWNER {}", owner), ("TEMPLATE {}", template)], Name),
            *_options(fixed, Text),
            *_options([("TABLESPACE {}", tablespace)], Name),
            *([] if connection_limit is None else [sql(POSTGRES, "CONNECTION LIMIT {}", connection_limit)]),
        ]
        yield server.statement(joined_sql([sql(POSTGRES, "CREATE DATABASE {}", Name(database)), *options], " "))
        return
    _check_fixed(database, have, encoding, lc_collate, lc_ctype)
    changes = [*_changes(have, owner, tablespace, connection_limit)]
    if not changes:
        host.noop(f"the database {database} is as wanted")
    for change, clause in changes:
        yield change
        yield server.statement(sql(POSTGRES, "ALTER DATABASE {} {}", Name(database), clause))


def _options(given: list[tuple[str, str | None]], kind: type[Name] | type[Text]) -> Iterator[Sql]:
    for template, value in given:
        if value:
            yield sql(POSTGRES, template, kind(value))


def _changes(
    have: Mapping[str, Any], owner: str | None, tablespace: str | None, limit: int | None
) -> Iterator[tuple[Change, Sql]]:
    if owner and owner != have["owner"]:
        yield Change("owner", have["owner"], owner), sql(POSTGRES, "OWNER TO {}", Name(owner))
    if tablespace and tablespace != have["tablespace_name"]:
        yield (
            Change("tablespace", have["tablespace_name"], tablespace),
            sql(POSTGRES, "SET TABLESPACE {}", Name(tablespace)),
        )
    if limit is not None and limit != have["connlimit"]:
        yield (
            Change("connection limit", str(have["connlimit"]), str(limit)),
            sql(POSTGRES, "CONNECTION LIMIT {}", limit),
        )


def _check_fixed(
    database: str, have: Mapping[str, Any], encoding: str | None, lc_collate: str | None, lc_ctype: str | None
) -> None:
    """Refuse a wish that cannot be fulfilled, rather than leave the database as it is and call that success."""
    for what, wanted, now in (
        ("the encoding", encoding, have["encoding"]),
        ("lc_collate", lc_collate, have["collate"]),
        ("lc_ctype", lc_ctype, have["ctype"]),
    ):
        if wanted and _plain(wanted) != _plain(now):
            raise OperationError(
                f"{what} of the database {database} is {now}, not {wanted}, and cannot be changed",
                hint="dump it, drop it, create it anew and load the dump",
            )


def _plain(name: str) -> str:
    """Return the name of an encoding or locale without what does not tell two of them apart."""
    text = re.sub(r"[^a-z0-9]", "", name.lower())
    return _ALIASES.get(text, text)
