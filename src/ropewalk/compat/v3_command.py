"""Commands as connectors of v3 get them, and what comes of them.

Such a connector says whether a command succeeded: its exit status is told by a line that the host adds to its output.
What a command line must not show (passwords, secrets) goes through ``_stdin``, which every connector of v3 has to
pass on.
"""

from __future__ import annotations

import os.path
import re
import shlex
from typing import TYPE_CHECKING, Any

from ropewalk.compat.pyinfra.connectors.util import CommandOutput
from ropewalk.engine.link import Completed
from ropewalk.model.v3command import StringCommand
from ropewalk.shell.capture import Capture
from ropewalk.shell.how import How
from ropewalk.shell.prompts import Ask, wants_password
from ropewalk.shell.script import script

if TYPE_CHECKING:
    from ropewalk.engine.session import OnOutput

#: Shells that understand the line that tells the exit status.
_POSIX = frozenset({"sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"})

#: What su says when it read no password, or a wrong one.
_SU_REFUSED = re.compile(r"^(.*: )?su: .*(authentication|password|terminal)", re.IGNORECASE | re.MULTILINE)

# Reads a script of the size that the first line says, then leaves the rest of the input to it. Not with head:
# some read ahead, and what they have read is lost to the script.
_LOADER = (
    'IFS= read -r size; script=$(dd bs=1 count="${size:-0}" 2>/dev/null); '
    '[ -n "$script" ] || { echo "the connector did not pass on _stdin" >&2; exit 64; }; eval "$script"'
)


def arguments_of(how: How) -> dict[str, Any]:
    """Return the surroundings of a command by the names v3 gives them."""
    who = how.identity
    return {
        "_sudo": who.sudo,
        "_sudo_user": who.sudo_user,
        "_use_sudo_login": who.sudo_login,
        "_preserve_sudo_env": who.sudo_keep_env,
        "_sudo_password": _password(how, Ask.SUDO) if who.sudo else None,
        "_su_user": who.su_user,
        "_use_su_login": who.su_login,
        "_preserve_su_env": who.su_keep_env,
        "_su_shell": who.su_shell or False,
        "_su_password": _password(how, Ask.SU) if who.su_user else None,
        "_doas": who.doas,
        "_doas_user": who.doas_user,
        "_dzdo": who.dzdo,
        "_dzdo_user": who.dzdo_user,
        "_shell_executable": how.shell or "sh",
        "_chdir": how.chdir,
        "_env": dict(how.env),
        "_timeout": how.timeout,
        "_get_pty": how.pty,
        "_stdin": _for_stdin(how, how.stdin),
        "_temp_dir": how.temp_dir,
    }


def _password(how: How, ask: Ask) -> str | None:
    return how.passwords[ask].value if ask in how.passwords else None


def _for_stdin(how: How, data: bytes | None) -> str | bytes | None:
    """Return what the command line reads: the passwords it asks for, then what the command reads."""
    asked = [(Ask.SUDO, how.identity.sudo), (Ask.SU, how.identity.su_user is not None)]
    lines = [f"{how.passwords[ask].value}\n" for ask, wanted in asked if wanted and ask in how.passwords]
    if data is None and not lines:
        return None
    whole = "".join(lines).encode() + (data or b"")
    try:
        return whole.decode()
    except UnicodeDecodeError:
        return whole


def prepared(command: str, how: How, *, hidden: bool, marker: str) -> tuple[StringCommand, dict[str, Any]]:
    """Return the command as the connector gets it, and its arguments."""
    arguments = arguments_of(how)
    if hidden:
        whole = script(
            command, delimiter=marker, shell=how.shell, chdir=how.chdir, env=dict(how.env), hidden=True, read_stdin=True
        )
        text = str(whole).encode("utf-8", errors="surrogateescape")
        arguments |= {"_shell_executable": "sh", "_chdir": None, "_env": {}}
        arguments["_stdin"] = _for_stdin(how, b"%d\n%s" % (len(text), text) + (how.stdin or b""))
        return StringCommand(_telling_status(_LOADER, marker)), arguments
    if how.shell is None or os.path.basename(shlex.split(how.shell)[0]) not in _POSIX:
        return StringCommand(command), arguments
    return StringCommand(_telling_status(command, marker)), arguments


def _telling_status(command: str, marker: str) -> str:
    return f"( eval {shlex.quote(command)} ); status=$?; printf '\\n{marker} %d\\n' $status >&2; exit $status"


def lacking(output: CommandOutput, marker: str, how: How) -> Ask | None:
    """Say whose password a command lacked that did not begin."""
    lines = [entry.line for entry in output.combined_lines]
    if any(line.startswith(f"{marker} ") for line in lines):
        return None
    who, said = how.identity, "\n".join(lines)
    if who.sudo and Ask.SUDO not in how.passwords and wants_password(said):
        return Ask.SUDO
    if who.su_user is not None and Ask.SU not in how.passwords and _SU_REFUSED.search(said):
        return Ask.SU
    return None


def completed(
    ok: bool, output: CommandOutput, marker: str, limits: tuple[int, int] | None, on_output: OnOutput | None
) -> Completed:
    status = 0 if ok else 1
    captures = {name: Capture(*(limits or ())) for name in ("stdout", "stderr")}
    lines: dict[str, list[str]] = {"stdout": [], "stderr": []}
    for entry in output.combined_lines:
        kept = lines["stderr" if entry.buffer_name == "stderr" else "stdout"]
        if entry.line.startswith(f"{marker} "):
            status = int(entry.line.split()[1])
            if kept and not kept[-1]:
                kept.pop()  # the line end before the marker
        else:
            kept.append(entry.line)
    for name, found in lines.items():
        data = "".join(f"{line}\n" for line in found).encode("utf-8", errors="surrogateescape")
        captures[name].feed(data)
        if on_output is not None and data:
            on_output(name, data)
    return Completed(status, captures["stdout"], captures["stderr"])
