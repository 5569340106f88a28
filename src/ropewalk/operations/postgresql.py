"""The older names of the operations in :mod:`ropewalk.operations.postgres`; they take the same arguments."""

from __future__ import annotations

from typing import Any

from ropewalk.api.operation import operation
from ropewalk.model.command import Steps
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
    """
    yield from postgres.sql._inner(*args, **kwargs)


@operation(is_deprecated=True, deprecated_for="postgres.role")
def role(*args: Any, **kwargs: Any) -> Steps:
    """Add, change or remove a role; the older name of ``postgres.role``.

    :param args: as for ``postgres.role``.
    :param kwargs: as for ``postgres.role``.
    """
    yield from postgres.role._inner(*args, **kwargs)


@operation(is_deprecated=True, deprecated_for="postgres.database")
def database(*args: Any, **kwargs: Any) -> Steps:
    """Add, change or remove a database; the older name of ``postgres.database``.

    :param args: as for ``postgres.database``.
    :param kwargs: as for ``postgres.database``.
    """
    yield from postgres.database._inner(*args, **kwargs)


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
    """
    yield from postgres.dump._inner(*args, **kwargs)


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
    """
    yield from postgres.load._inner(*args, **kwargs)
