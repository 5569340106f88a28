"""What ``ansible_ssh_common_args`` and its like, which are options of ``ssh``, mean as host data."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ropewalk.model.errors import InventoryError

# Options of ssh(1) that have a value. Others have none.
_WITH_VALUE = "BbcDEeFIiJLlmOoPpQRSWw"

_OPTIONS = {"J": "proxyjump", "i": "identityfile", "p": "port", "l": "user"}
_FLAGS = {"A": ("forwardagent", "yes"), "a": ("forwardagent", "no")}

# Whether a connection is shared, or looks for more to say, changes nothing of where it leads.
_WITHOUT_EFFECT = {
    "controlmaster", "controlpersist", "controlpath", "loglevel", "batchmode", "requesttty", "sendenv", "compression",
    "escapechar", "passwordauthentication", "kbdinteractiveauthentication", "preferredauthentications",
    "gssapiauthentication", "connecttimeout", "connectionattempts", "serveralivecountmax", "tcpkeepalive",
}  # fmt: skip
_QUIET_FLAGS = set("qTtnxvC")


def ssh_data_of(text: str, where: str, warn: Callable[[str], None]) -> dict[str, Any]:
    """Return the host data that options of ``ssh`` mean; of an option given twice the first counts, as for ``ssh``.

    :param where: where they are written, for messages.
    :param warn: is told of each option that has no meaning here.
    :raises InventoryError: they cannot be divided into words, or a value makes no sense.

    >>> ssh_data_of("-o ProxyJump=gate -p 2222 -C", "hosts:1", print)
    {'ssh_jump': 'gate', 'ssh_port': 2222}
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InventoryError(f"the options of ssh cannot be divided into words: {error}", where=where) from None
    found: dict[str, Any] = {}
    for option, value in _options(words):
        made = _meaning(option, value, where)
        if made is None:
            warn(f"{where}: {value if option == '?' else option} for ssh has no meaning here: ignored")
            continue
        for key, one in made.items():
            found.setdefault(key, one)
    return found


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the options, called as in ssh_config(5); ``?`` is one that has no such name."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or len(word) < 2:
            yield "?", word
            continue
        letter, value = word[1], word[2:]
        if letter not in _WITH_VALUE:
            yield from (_FLAGS.get(flag, ("none", "")) if flag in "Aa" or flag in _QUIET_FLAGS else ("?", f"-{flag}")
                        for flag in word[1:])  # fmt: skip
            continue
        value = value or (rest.pop(0) if rest else "")
        if letter == "o":
            name, _, value = value.replace("=", " ", 1).strip().partition(" ")
            yield name.lower(), value.strip()
        else:
            yield (
                _OPTIONS.get(letter, "configfile" if letter == "F" else "?"),
                (value if letter in _OPTIONS or letter == "F" else f"-{letter}"),
            )


def _meaning(option: str, value: str, where: str) -> dict[str, Any] | None:
    """Return the host data of an option; ``None`` if there is none."""
    if option == "none" or option in _WITHOUT_EFFECT:
        return {}
    match option:
        case "proxyjump":
            return {"ssh_jump": "" if value.lower() == "none" else value}
        case "proxycommand":
            return _proxy(value)
        case "port":
            return {"ssh_port": _number(value, where)}
        case "serveraliveinterval":
            return {"ssh_keepalive_interval": _number(value, where)}
        case "user" | "configfile" | "hostname":
            return {f"ssh_{'config_file' if option == 'configfile' else option}": value}
        case "identityfile":
            return {"ssh_key": value}
        case "certificatefile":
            return {"ssh_certificate": value}
        case "identitiesonly":
            return {"ssh_allow_agent": False} if value.lower() == "yes" else {}
        case "forwardagent":
            return {"ssh_forward_agent": value.lower() == "yes"}
        case "userknownhostsfile":
            return {"ssh_known_hosts_file": value.split()[0] if value.split() else "/dev/null"}
        case "stricthostkeychecking":
            return {"ssh_strict_host_key_checking": "off" if value.lower() in ("no", "off") else value.lower()}
    return None


def _proxy(command: str) -> dict[str, Any]:
    """Return what a ``ProxyCommand`` means: ``ssh -W %h:%p gate`` is a way through ``gate``, others are run."""
    if command.lower() == "none":
        return {"ssh_proxy_command": "none"}
    jump = _jump(command)
    return {"ssh_jump": jump} if jump is not None else {"ssh_proxy_command": command}


def _jump(command: str) -> str | None:
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    if not words or words[0].rpartition("/")[2] != "ssh":
        return None
    user = port = host = ""
    forwards, rest = False, words[1:]
    while rest:
        word = rest.pop(0)
        letter, value = word[1:2], word[2:]
        if not word.startswith("-"):
            if host:
                return None
            host = word
        elif letter in _WITH_VALUE:
            value = value or (rest.pop(0) if rest else "")
            if letter == "W" and value in ("%h:%p", "[%h]:%p"):
                forwards = True
            elif letter == "p":
                port = value
            elif letter == "l":
                user = value
            else:
                return None  # a key, an option: ssh itself must do it
        elif not set(word[1:]) <= _QUIET_FLAGS:
            return None
    if not host or not forwards:
        return None
    return f"{user + '@' if user else ''}{host}{':' + port if port else ''}"


def _number(value: str, where: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise InventoryError(f"{value!r} is not a number", where=where) from None
