"""The older names of the operations in :mod:`ropewalk.operations.postgres`; they take the same arguments."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from ropewalk.api.operation import Operation, operation
from ropewalk.model.command import Steps
from ropewalk.model.errors import OperationTypeError
from ropewalk.model.suggest import did_you_mean
from ropewalk.operations import postgres


@operation(
    is_idempotent=False,
    idempotent_notice="The SQL is run every time.",
    is_deprecated=True,
    deprecated_for="postgres.sql",
)
def sql(*args: Any, **kwargs: Any) -> Steps:
    """Run SQL; the older name of ``postgres.sql``.

    :param args: as for ``postgres.sql``.
    :param kwargs: as for ``postgres.sql``.

    ::

        postgresql.sql(sql="CREATE EXTENSION IF NOT EXISTS hstore", psql_database="app")
    """
    yield from _as(postgres.sql, args, kwargs)


@operation(is_deprecated=True, deprecated_for="postgres.role")
def role(*args: Any, **kwargs: Any) -> Steps:
    """Add, change or remove a role; the older name of ``postgres.role``.

    :param args: as for ``postgres.role``.
    :param kwargs: as for ``postgres.role``.

    ::

        postgresql.role(name="Let the app in", role="app", login=True)
    """
    yield from _as(postgres.role, args, kwargs)


@operation(is_deprecated=True, deprecated_for="postgres.database")
def database(*args: Any, **kwargs: Any) -> Steps:
    """Add, change or remove a database; the older name of ``postgres.database``.

    :param args: as for ``postgres.database``.
    :param kwargs: as for ``postgres.database``.

    ::

        postgresql.database(name="Make the database", database="app", owner="app")
    """
    yield from _as(postgres.database, args, kwargs)


@operation(
    is_idempotent=False,
    idempotent_notice="The dump is written every time.",
    is_deprecated=True,
    deprecated_for="postgres.dump",
)
def dump(*args: Any, **kwargs: Any) -> Steps:
    """Write a database to a file; the older name of ``postgres.dump``.

    :param args: as for ``postgres.dump``.
    :param kwargs: as for ``postgres.dump``.

    ::

        postgresql.dump(name="Keep a copy", dest="/var/backups/app.sql", psql_database="app")
    """
    yield from _as(postgres.dump, args, kwargs)


@operation(
    is_idempotent=False,
    idempotent_notice="The file is loaded every time.",
    is_deprecated=True,
    deprecated_for="postgres.load",
)
def load(*args: Any, **kwargs: Any) -> Steps:
    """Run a file of SQL; the older name of ``postgres.load``.

    :param args: as for ``postgres.load``.
    :param kwargs: as for ``postgres.load``.

    ::

        postgresql.load(name="Load the copy", src="/var/backups/app.sql", psql_database="app")
    """
    yield from _as(postgres.load, args, kwargs)


def _as(newer: Operation[Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Steps:
    """Yield what the operation of the newer name does; it would take any name for a global argument."""
    signature = inspect.signature(newer._inner)
    known = [name for name, parameter in signature.parameters.items() if parameter.kind is not parameter.VAR_KEYWORD]
    for name in kwargs:
        if name not in known:
            raise OperationTypeError(
                f"{newer.full_name} has no argument {name}",
                hint=did_you_mean(name, known, kind="it takes"),
            )
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise OperationTypeError(f"{newer.full_name}: {error}") from None
    yield from newer._inner(*args, **kwargs)
