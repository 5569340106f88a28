"""What ``ansible-vault`` has encrypted: single values (``!vault``) and whole files. The program decrypts it.

It finds the password as always: ``ANSIBLE_VAULT_PASSWORD_FILE``, ``ANSIBLE_VAULT_IDENTITY_LIST``, ``ansible.cfg``.
"""

from __future__ import annotations

import functools
from typing import Any

from ropewalk.inventories.program import output_of
from ropewalk.model.deferred import Deferred, SecretText
from ropewalk.model.errors import InventoryError

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

    def resolve(self, data: Any) -> SecretText:
        return SecretText(decrypt(self.text, self.where))

    def __repr__(self) -> str:
        return "(encrypted)"


def decrypt(text: str, where: str) -> str:
    """Return what an encrypted text says.

    :raises InventoryError: ``ansible-vault`` is missing, or cannot decrypt it.
    """
    found, problem = _decrypted("\n".join(line.strip() for line in text.strip().splitlines()) + "\n")
    if problem:
        hint = "it takes ansible-vault (ansible-core), and the file with the password in ANSIBLE_VAULT_PASSWORD_FILE"
        raise InventoryError(f"{where} cannot be decrypted: {problem}", where=where, hint=hint)
    return found


def hidden(value: Any) -> Any:
    """Return a value whose texts are not shown: those of a file that is encrypted as a whole."""
    if isinstance(value, str):
        return SecretText(value)
    if isinstance(value, list):
        return [hidden(item) for item in value]
    return {key: hidden(item) for key, item in value.items()} if isinstance(value, dict) else value


@functools.cache
def _decrypted(text: str) -> tuple[str, str]:
    """Return what a text says, and why it cannot be decrypted; both are kept: the program takes half a second."""
    try:
        return output_of(["ansible-vault", "decrypt", "--output", "-"], text=text), ""
    except InventoryError as error:
        return "", str(error)
