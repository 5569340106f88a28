"""Command lines around a command, as v3's connectors ask for them: directory, environment, shell, user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropewalk.model.v3command import QuoteString, StringCommand


def make_unix_command(
    command: Any,
    _env: Mapping[str, Any] | None = None,
    _chdir: str | None = None,
    _shell_executable: str | None = "sh",
    _su_user: str | None = None,
    _use_su_login: bool = False,
    _su_shell: str | bool | None = None,
    _preserve_su_env: bool = False,
    _su_password: Any = None,
    _sudo: bool = False,
    _sudo_user: str | None = None,
    _use_sudo_login: bool = False,
    _sudo_password: Any = None,
    _preserve_sudo_env: bool = False,
    _doas: bool = False,
    _doas_user: str | None = None,
    _dzdo: bool = False,
    _dzdo_user: str | None = None,
    **others: Any,
) -> StringCommand:
    """Return the command line that runs a command as global arguments ask for it.

    A password is no part of it: the line reads it as the first line of its standard input, before the command
    reads the rest. ``others`` are global arguments that are about something else; they change nothing here.

    >>> str(make_unix_command("id", _sudo=True, _sudo_user="www-data", _chdir="/srv"))
    "sudo -H -n -u www-data sh -c 'cd /srv && id'"
    """
    line = _surrounded(command, _chdir, _env or {})
    if _shell_executable:
        line = StringCommand(_shell_executable, "-c", QuoteString(line))
    if _su_user:
        line = _su(line, _su_user, _use_su_login, _preserve_su_env, _su_shell, _su_password)
    if _sudo:
        line = _sudo_line(line, _sudo_user, _use_sudo_login, _preserve_sudo_env, _sudo_password)
    if _dzdo:
        line = StringCommand("dzdo", "-H", "-n", *_as_user(_dzdo_user), line)
    if _doas:
        line = StringCommand("doas", "-n", *_as_user(_doas_user), line)
    return line


def _surrounded(command: Any, chdir: str | None, env: Mapping[str, Any]) -> StringCommand:
    bits: list[Any] = []
    if chdir:
        bits += ["cd", QuoteString(chdir), "&&"]
    if env:
        pairs = [QuoteString(StringCommand(name, "=", value, _separator="")) for name, value in env.items()]
        bits += ["export", *pairs, "&&"]
    return StringCommand(*bits, command)


def _sudo_line(line: StringCommand, user: str | None, login: bool, keep_env: bool, password: Any) -> StringCommand:
    options = [*(["-i"] if login else []), *(["-E"] if keep_env else []), *_as_user(user)]
    without = StringCommand("sudo", "-H", "-n", *options, line)
    if not password:
        return without
    ask = StringCommand("sudo", "-H", "-S", "-p", "''", "-k", *options, line)
    return _either(StringCommand("sudo", "-k", "-n", *_as_user(user), "true"), without, ask)


def _su(
    line: StringCommand, user: str, login: bool, keep_env: bool, shell: str | bool | None, password: Any
) -> StringCommand:
    bits: list[Any] = ["su", *(["-l"] if login else []), *(["-m"] if keep_env else [])]
    if isinstance(shell, str) and shell:
        bits += ["-s", StringCommand("$(command -v ", QuoteString(shell), ")", _separator="")]
    su = StringCommand(*bits, QuoteString(user), "-c", QuoteString(line))
    return _either(StringCommand("test", '"$(id -u)"', "=", "0"), su, su) if password else su


def _either(check: StringCommand, without: StringCommand, ask: StringCommand) -> StringCommand:
    # Where no password is needed, the line that holds it is taken from the input, lest the command read it.
    choice = ("if ", check, " 2>/dev/null; then IFS= read -r _; ", without, "; else ", ask, "; fi")
    return StringCommand("sh", "-c", QuoteString(StringCommand(*choice, _separator="")))


def _as_user(user: str | None) -> list[Any]:
    return ["-u", QuoteString(user)] if user else []
