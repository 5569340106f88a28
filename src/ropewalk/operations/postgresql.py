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
    """Run SQL; see ``postgres.sql``."""
    yield from postgres.sql._inner(*args, **kwargs)


@operation(is_deprecated=True, deprecated_for="postgres.role")
def role(*args: Any, **kwargs: Any) -> Steps:
    """Add, change or remove a role; see ``postgres.role``."""
    yield from postgres.role._inner(*args, **kwargs)


@operation(is_deprecated=True, deprecated_for="postgres.database")
def database(*args: Any, **kwargs: Any) -> Steps:
    """Add, change or remove a database; see ``postgres.database``."""
    yield from postgres.database._inner(*args, **kwargs)


@operation(
    is_idempotent=False,
    idempotent_notice="The dump is written every time.",
    is_deprecated=True,
    deprecated_for="postgres.dump",
)
def dump(*args: Any, **kwargs: Any) -> Steps:
    """Write a database to a file; see ``postgres.dump``."""
    yield from postgres.dump._inner(*args, **kwargs)


@operation(
    is_idempotent=False,
    idempotent_notice="The file is loaded every time.",
    is_deprecated=True,
    deprecated_for="postgres.load",
)
def load(*args: Any, **kwargs: Any) -> Steps:
    """Run a file of SQL; see ``postgres.load``."""
    yield from postgres.load._inner(*args, **kwargs)
