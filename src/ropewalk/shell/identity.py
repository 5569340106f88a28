"""Who a command runs as on the host, and the argument vector that gets there.

The order of the mechanisms is v3's, from the outside in: doas, dzdo, sudo, su. Passwords are no part of an
identity: they go through standard input when the mechanism asks (see ``prompts.py``).
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ropewalk.model.record import record

#: What sudo is told to prompt with, so that its question cannot be mistaken for anything else.
SUDO_PROMPT = "[ropewalk sudo]:"

#: The global arguments that make up an identity.
IDENTIFYING = (
    "_sudo", "_sudo_user", "_use_sudo_login", "_preserve_sudo_env", "_su_user", "_use_su_login", "_preserve_su_env",
    "_su_shell", "_doas", "_doas_user", "_dzdo", "_dzdo_user",
)  # fmt: skip


@record
class Identity:
    """Which user commands run as, and through what. Equal identities share one shell on the host."""

    sudo: bool = False
    sudo_user: str | None = None
    sudo_login: bool = False
    sudo_keep_env: bool = False
    su_user: str | None = None
    su_login: bool = False
    su_keep_env: bool = False
    su_shell: str | None = None
    doas: bool = False
    doas_user: str | None = None
    dzdo: bool = False
    dzdo_user: str | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Identity:
        """Return the identity that global arguments ask for."""
        sudo, doas, dzdo = (bool(arguments.get(key)) for key in ("_sudo", "_doas", "_dzdo"))
        su_user = arguments.get("_su_user") or None
        return cls(
            sudo=sudo,
            sudo_user=arguments.get("_sudo_user") or None if sudo else None,
            sudo_login=sudo and bool(arguments.get("_use_sudo_login")),
            sudo_keep_env=sudo and bool(arguments.get("_preserve_sudo_env")),
            su_user=su_user,
            su_login=su_user is not None and bool(arguments.get("_use_su_login")),
            su_keep_env=su_user is not None and bool(arguments.get("_preserve_su_env")),
            su_shell=_shell_name(arguments.get("_su_shell")) if su_user else None,
            doas=doas,
            doas_user=arguments.get("_doas_user") or None if doas else None,
            dzdo=dzdo,
            dzdo_user=arguments.get("_dzdo_user") or None if dzdo else None,
        )

    @property
    def escalates(self) -> bool:
        return self.sudo or self.su_user is not None or self.doas or self.dzdo

    def argv(self, program: Sequence[str]) -> list[str]:
        """Return what to start so that ``program`` runs as this identity."""
        argv = list(program)
        if self.su_user is not None:
            argv = self._su(argv)
        if self.sudo:
            argv = self._sudo(argv)
        if self.dzdo:
            argv = ["dzdo", "-H", "-n", *_user("-u", self.dzdo_user), *argv]
        if self.doas:
            argv = ["doas", "-n", *_user("-u", self.doas_user), *argv]
        return argv

    def _sudo(self, argv: list[str]) -> list[str]:
        options = ["-H", "-S"]
        if self.sudo_login:
            options.append("-i")
            argv = _for_login_shell(argv)
        if self.sudo_keep_env:
            options.append("-E")
        # By the environment, not by -p: sudo-rs has no -p and ignores the variable.
        return ["env", f"SUDO_PROMPT={SUDO_PROMPT}", "sudo", *options, *_user("-u", self.sudo_user), "--", *argv]

    def _su(self, argv: list[str]) -> list[str]:
        options = []
        if self.su_login:
            options.append("-l")
        if self.su_keep_env:
            options.append("-m")
        command = shlex.join(argv)
        if self.su_shell is None:
            return ["su", *options, str(self.su_user), "-c", command]
        # The shell is looked up on the host: su wants a path.
        script = f'shell=$(command -v "$1") || exit 127; shift; exec su {shlex.join(options)} -s "$shell" "$@"'
        return ["sh", "-c", script, "su", self.su_shell, str(self.su_user), "-c", command]

    def __str__(self) -> str:
        parts = []
        if self.doas:
            parts.append(f"doas to {self.doas_user or 'root'}")
        if self.dzdo:
            parts.append(f"dzdo to {self.dzdo_user or 'root'}")
        if self.sudo:
            parts.append(f"sudo to {self.sudo_user or 'root'}")
        if self.su_user:
            parts.append(f"su to {self.su_user}")
        return ", ".join(parts) or "the login user"


def _for_login_shell(argv: list[str]) -> list[str]:
    """Return a command that ``sudo -i`` passes on unchanged.

    It joins the words to one command line for the login shell with a backslash before each character that is no
    letter or digit. Dollar signs it leaves alone, and a backslash before a line end removes both.
    """
    if not any(character in word for word in argv for character in "$\n"):
        return argv
    command = f"exec {shlex.join(argv)}".encode("utf-8", errors="surrogateescape")
    return ["sh", "-c", "eval \"`printf %b '" + "".join(map(_octal, command)) + "'`\""]


def _octal(byte: int) -> str:
    character = chr(byte)
    return character if character.isascii() and (character.isalnum() or character in " ./=-_") else f"\\0{byte:03o}"


def _user(option: str, name: str | None) -> list[str]:
    return [option, name] if name else []


def _shell_name(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
