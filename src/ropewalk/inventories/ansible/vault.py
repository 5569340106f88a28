"""What ``ansible-vault`` has encrypted: single values (``!vault``) and whole files. The program decrypts it.

It finds the password as always: ``ANSIBLE_VAULT_PASSWORD_FILE``, ``ANSIBLE_VAULT_IDENTITY_LIST``, ``ansible.cfg``.
"""

from __future__ import annotations

import functools
from typing import Any, TypeVar

from ropewalk.api.context import current_emit
from ropewalk.inventories.program import output_of
from ropewalk.model.deferred import Deferred
from ropewalk.model.errors import InventoryError
from ropewalk.model.v3command import MaskString, secrets_in

T = TypeVar("T")

_HEADER = "$ANSIBLE_VAULT;"


def is_encrypted(text: str) -> bool:
    """Say whether a text is what ``ansible-vault`` writes."""
    return text.lstrip().startswith(_HEADER)


class Encrypted(Deferred):
    """An encrypted value; it is decrypted when it is first asked for.

    :param where: where it is written.
    """

    secret = True

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text, where

    def resolve(self, data: Any) -> MaskString:
        return kept_secret(MaskString(decrypt(self.text, self.where)))

    def __repr__(self) -> str:
        return "(encrypted)"


class Opened(Deferred):
    """A value of a file that was encrypted as a whole."""

    def __init__(self, value: Any) -> None:
        self.value = _masked(value)

    def resolve(self, data: Any) -> Any:
        return kept_secret(self.value)


def kept_secret(value: T) -> T:
    """Return a value, and keep the secrets in it out of the reports of the run that is under way."""
    hide = getattr(current_emit.get(None), "hide", None)
    if hide is not None:
        hide(secrets_in(value))
    return value


def decrypt(text: str, where: str) -> str:
    """Return what an encrypted text says.

    :raises InventoryError: ``ansible-vault`` is missing, or cannot decrypt it.
    """
    found, problem = _decrypted("\n".join(line.strip() for line in text.strip().splitlines()) + "\n")
    if problem:
        hint = "it takes ansible-vault (ansible-core), and the file with the password in ANSIBLE_VAULT_PASSWORD_FILE"
        raise InventoryError(f"{where} cannot be decrypted: {problem}", where=where, hint=hint)
    return found


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return MaskString(value)
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return {key: _masked(item) for key, item in value.items()} if isinstance(value, dict) else value


@functools.cache
def _decrypted(text: str) -> tuple[str, str]:
    """Return what a text says, and why it cannot be decrypted; both are kept: the program takes half a second."""
    try:
        return output_of(["ansible-vault", "decrypt", "--output", "-"], text=text), ""
    except InventoryError as error:
        return "", str(error)
