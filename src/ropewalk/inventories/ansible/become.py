"""What ``ansible_become`` and the variables beside it mean: global arguments of operations (``_sudo`` ...)."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ropewalk.inventories.ansible.truth import is_true
from ropewalk.model.command import Secret
from ropewalk.model.sourced import Sourced

_METHODS = ("sudo", "su", "doas", "dzdo")
# Options of sudo that mean the same as what is done anyway, or have an argument of their own here.
_SUDO_FLAGS = {
    "-H": None, "-S": None, "-n": None, "--set-home": None, "--stdin": None, "--non-interactive": None,
    "-i": "_use_sudo_login", "--login": "_use_sudo_login", "-E": "_preserve_sudo_env",
    "--preserve-env": "_preserve_sudo_env",
}  # fmt: skip
_SU_FLAGS = {"-": "_use_su_login", "-l": "_use_su_login", "--login": "_use_su_login", "-m": "_preserve_su_env"}
_FLAGS: Mapping[str, Mapping[str, str | None]] = {"sudo": _SUDO_FLAGS, "su": _SU_FLAGS}


class Known(Protocol):
    """A host's variables."""

    def last(self, names: tuple[str, ...]) -> tuple[str | None, Any]: ...
    def place(self, name: str) -> str: ...
    def where(self, name: str) -> str | None: ...


def become(found: Sourced, known: Known, warn: Callable[[str], None]) -> None:
    """Add the arguments that a host's variables mean.

    :param found: receives them.
    :param warn: is told what has no meaning here.
    """
    chosen, method = known.last(("ansible_become_method",))
    method = str(method or "sudo").rpartition(".")[2]
    if method not in _METHODS:
        warn(f"{known.where(chosen or '')}: there is nothing like the become method {method} of Ansible: ignored")
        return
    switch, on = known.last(("ansible_become",))
    password, secret = known.last(
        ("ansible_become_password", "ansible_become_pass", f"ansible_{method}_pass", f"ansible_become_{method}_pass")
    )
    if password is not None and method in ("sudo", "su"):
        # Without ansible_become too: --sudo needs it.
        found.put(f"_{method}_password", Secret(str(secret)), known.place(password))
    if switch is None:
        return
    if not is_true(on):
        if method != "su":
            found.put(f"_{method}", False, known.place(switch))
        return
    _on(method, found, known, known.place(switch))
    _flags(method, found, known, warn)


def _on(method: str, found: Sourced, known: Known, place: str) -> None:
    named, user = known.last(("ansible_become_user", f"ansible_{method}_user"))
    if method == "su":
        found.put("_su_user", str(user or "root"), place if named is None else known.place(named))
        return
    found.put(f"_{method}", True, place)
    if named is not None:
        found.put(f"_{method}_user", str(user), known.place(named))


def _flags(method: str, found: Sourced, known: Known, warn: Callable[[str], None]) -> None:
    named, flags = known.last(("ansible_become_flags", f"ansible_{method}_flags"))
    if named is None:
        return
    meanings = _FLAGS.get(method, {"-n": None})
    for flag in _words(str(flags)):
        if flag not in meanings:
            warn(f"{known.where(named)}: {flag} for {method} has no meaning here: ignored")
        elif meaning := meanings[flag]:
            found.put(meaning, True, known.place(named))


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return [text]
