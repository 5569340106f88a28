"""How a user has to connect: the REQUIRE clause of CREATE USER (MySQL and MariaDB), and columns of ``mysql.user``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropewalk.model.errors import OperationValueError
from ropewalk.model.record import record
from ropewalk.shell.sql import MYSQL, Sql, Text, joined_sql, sql

#: The clause's keyword -> what the column ssl_type holds.
_TYPES = {"NONE": "", "SSL": "ANY", "X509": "X509"}
_SPECIFIED = "SPECIFIED"
_COLUMNS = {"CIPHER": "ssl_cipher", "ISSUER": "x509_issuer", "SUBJECT": "x509_subject"}


@record
class Tls:
    """What is required of a connection.

    :ivar kind: ``NONE``, ``SSL`` or ``X509``.
    :ivar details: ``CIPHER``, ``ISSUER``, ``SUBJECT`` -> what they must be.
    """

    kind: str
    details: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, require: str | None, cipher: str | None, issuer: str | None, subject: str | None) -> Tls | None:
        """Take the arguments of an operation; ``None``: they say nothing.

        :raises OperationValueError: they make no sense.
        """
        details = tuple((name, text) for name, text in zip(_COLUMNS, (cipher, issuer, subject), strict=True) if text)
        if not require and not details:
            return None
        if require not in _TYPES:
            raise OperationValueError(f"`require` must be one of {', '.join(_TYPES)}, not {require!r}")
        if details and require != "X509":
            raise OperationValueError(f"require_{details[0][0].lower()} needs require='X509'")
        return cls(require, details)

    @classmethod
    def found(cls, have: Mapping[str, Any]) -> Tls:
        """Return what is required of a user, from the ``MysqlUsers`` fact."""
        kept = have.get("ssl_type") or ""
        if kept == _SPECIFIED:
            return cls("X509", tuple((name, have[column]) for name, column in _COLUMNS.items() if have.get(column)))
        return cls(next(kind for kind, value in _TYPES.items() if value == kept))

    def holds(self, have: Mapping[str, Any]) -> bool:
        return Tls.found(have) == self

    def clause(self) -> Sql:
        if not self.details:
            return sql(MYSQL, f"REQUIRE {self.kind}")
        pieces = (sql(MYSQL, name + " {}", Text(text)) for name, text in self.details)
        return sql(MYSQL, "REQUIRE {}", joined_sql(pieces, " AND "))

    def __str__(self) -> str:
        return ", ".join([self.kind, *(f"{name} {text}" for name, text in self.details)])
