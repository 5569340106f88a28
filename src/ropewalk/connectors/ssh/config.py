"""OpenSSH's client configuration, as ssh_config(5) describes it.

Files are read and split once, however many hosts there are; only ``Host`` and ``Match`` are looked at per host. (The
reader that comes with asyncssh parses every file again for every connection, and leaves out StrictHostKeyChecking,
HashKnownHosts, the system-wide file and times such as ``1m``.) Keywords this module's callers have no use for are kept
and cost nothing.
"""

from __future__ import annotations

import functools
import getpass
import glob
import os
import re
import shlex
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import sha1
from pathlib import Path

from ropewalk.model.errors import ConnectError
from ropewalk.model.record import record

SYSTEM_CONFIG = Path("/etc/ssh/ssh_config")

_ACCUMULATE = {"identityfile", "certificatefile", "sendenv", "setenv"}
_WHOLE_LINE = {"proxycommand", "remotecommand", "localcommand", "knownhostscommand"}
_INCLUDE_DEPTH = 16
_LINE = re.compile(r'\s*(?P<quote>"?)(?P<keyword>[A-Za-z0-9]+)(?P=quote)(?:\s*=\s*|\s+|$)(?P<rest>.*)', re.DOTALL)


@record
class Line:
    """One line of a file; an ``Include`` carries the lines it stands for."""

    keyword: str
    args: tuple[str, ...]
    where: str
    included: tuple[tuple[Line, ...], ...] = ()


@dataclass(slots=True)
class SSHConfig:
    """What the configuration says about one host. Keywords are lower-case; values are as written."""

    name: str
    values: dict[str, list[str]] = field(default_factory=dict)
    local_user: str = field(default_factory=lambda: login_name())

    def get(self, keyword: str) -> str | None:
        """Return the value of a keyword that has one, ``None`` if it is not set or set to ``none``."""
        found = self.values.get(keyword)
        return None if not found or found[0].lower() == "none" else found[0]

    def all(self, keyword: str) -> list[str]:
        """Return the values of a keyword that may have several; ``none`` is no value."""
        return [value for value in self.values.get(keyword, ()) if value.lower() != "none"]

    def expand(self, text: str, **tokens: str) -> str:
        """Replace ``%x`` and ``${NAME}``, and a ``~`` at the beginning (ssh_config(5), TOKENS).

        :raises ConnectError: there is no such token or variable.
        """
        known = {**self._tokens(), **tokens}

        def token(match: re.Match[str]) -> str:
            if match[1] not in known:
                raise ConnectError(f"{match[0]} in {text!r} of the SSH configuration for {self.name} is not known")
            return known[match[1]]

        def variable(match: re.Match[str]) -> str:
            if match[1] not in os.environ:
                raise ConnectError(f"{match[0]} in {text!r} of the SSH configuration for {self.name} is not set")
            return os.environ[match[1]]

        return os.path.expanduser(re.sub(r"\$\{(\w+)\}", variable, re.sub(r"%(.)", token, text)))

    @property
    def host(self) -> str:
        """The name or address to connect to (``HostName``; ``%h`` in it is the name as asked for)."""
        hostname = self.get("hostname")
        return (
            self.name if hostname is None else hostname.replace("%%", "\0").replace("%h", self.name).replace("\0", "%")
        )

    def _tokens(self) -> dict[str, str]:
        host, port = self.host, self.get("port") or "22"
        user, local = self.get("user") or self.local_user, socket.gethostname()
        jump = self.get("proxyjump") or ""
        digest = sha1(f"{local}{host}{port}{user}{jump}".encode(), usedforsecurity=False).hexdigest()
        return {
            "%": "%", "C": digest, "d": os.path.expanduser("~"), "h": host, "i": str(os.getuid()), "j": jump,
            "k": self.get("hostkeyalias") or self.name, "L": local.partition(".")[0], "l": local, "n": self.name,
            "p": port, "r": user, "u": self.local_user,
        }  # fmt: skip


def load(
    name: str, *, user: str | None = None, port: int | None = None, files: Sequence[str | Path] | None = None
) -> SSHConfig:
    """Return what the configuration says about a host.

    :param name: the host as it was asked for: what ``Host`` compares.
    :param user: the user, if already decided: what ``Match user`` compares.
    :param port: the port, if already decided.
    :param files: files to read instead of the user's and the system's; these must exist.
    :raises ConnectError: a file cannot be read or understood.
    """
    sources = [_cached(path, _stamp(path)) for path in _paths(files)]
    config = SSHConfig(name)
    if user is not None:
        config.values["user"] = [user]
    if port is not None:
        config.values["port"] = [str(port)]
    evaluation = _Evaluation(config)
    for lines in sources:
        evaluation.apply(lines)
    if evaluation.wants_final:
        evaluation.final = True
        for lines in sources:
            evaluation.apply(lines)
    return config


def login_name() -> str:
    """Return the name of the user who runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _paths(files: Sequence[str | Path] | None) -> list[Path]:
    if files is not None:
        return [Path(path).expanduser() for path in files]
    usual = (Path("~/.ssh/config").expanduser(), SYSTEM_CONFIG)
    return [path for path in usual if path.is_file()]


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise ConnectError(f"cannot read the SSH configuration {path}: {error.strerror}") from error
    return status.st_mtime_ns, status.st_size


@functools.lru_cache(maxsize=64)
def _cached(path: Path, _stamp: tuple[int, int]) -> tuple[Line, ...]:
    return tuple(_read(path, 0))


def _read(path: Path, depth: int) -> Iterator[Line]:
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise ConnectError(f"cannot read the SSH configuration {path}: {error.strerror}") from error
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.lstrip().startswith("#"):
            continue
        where = f"{path}:{number}"
        keyword, args = _split(raw, where)
        included: tuple[tuple[Line, ...], ...] = ()
        if keyword == "include":
            if depth >= _INCLUDE_DEPTH:
                raise ConnectError(f"{where}: Include goes too deep")
            included = tuple(tuple(_read(file, depth + 1)) for file in _included(args))
        yield Line(keyword, args, where, included)


def _split(raw: str, where: str) -> tuple[str, tuple[str, ...]]:
    match = _LINE.fullmatch(raw.rstrip())
    if match is None:
        raise ConnectError(f"{where}: cannot be understood: {raw.strip()!r}")
    keyword, rest = match["keyword"].lower(), match["rest"]
    if keyword in _WHOLE_LINE:
        return keyword, (rest,)
    try:
        words = shlex.split(rest)
    except ValueError as error:
        raise ConnectError(f"{where}: {error}") from error
    comment = next((i for i, word in enumerate(words) if word.startswith("#")), len(words))
    if not words[:comment]:
        raise ConnectError(f"{where}: {match['keyword']} has no value")
    return keyword, tuple(words[:comment])


def _included(patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        full = os.path.join(os.path.expanduser("~/.ssh"), os.path.expanduser(pattern))
        yield from (Path(path) for path in sorted(glob.glob(full)) if os.path.isfile(path))


class _Evaluation:
    """Goes through the lines for one host; the first value of a keyword is the one that counts."""

    def __init__(self, config: SSHConfig) -> None:
        self.config = config
        self.final = False
        self.wants_final = False

    def apply(self, lines: Sequence[Line]) -> None:
        active = True
        for line in lines:
            if line.keyword == "host":
                active = _in_list(self.config.name, line.args)
            elif line.keyword == "match":
                active = self._match(line)
            elif not active:
                continue
            elif line.keyword == "include":
                for included in line.included:
                    self.apply(included)
            else:
                self._set(line)

    def _set(self, line: Line) -> None:
        values = self.config.values
        if line.keyword in _ACCUMULATE:
            found = values.setdefault(line.keyword, [])
            found.extend(arg for arg in line.args if arg not in found)
        else:
            values.setdefault(line.keyword, list(line.args))

    def _match(self, line: Line) -> bool:
        words = list(line.args)
        holds = True
        while words:
            word = words.pop(0)
            negated, criterion = word.startswith("!"), word.removeprefix("!").lower()
            criterion, equals, value = criterion.partition("=")
            if criterion in {"all", "final", "canonical"}:
                result = self._pass(criterion)
            else:
                if equals:
                    value = word.partition("=")[2]
                elif words:
                    value = words.pop(0)
                else:
                    raise ConnectError(f"{line.where}: Match {criterion} has no value")
                result = holds and self._compare(criterion, value, line.where)
            holds = holds and result != negated
        return holds

    def _pass(self, criterion: str) -> bool:
        if criterion == "all":
            return True
        self.wants_final = self.wants_final or criterion == "final"
        return self.final

    def _compare(self, criterion: str, value: str, where: str) -> bool:
        config = self.config
        subjects: Mapping[str, str] = {
            "host": config.host,
            "originalhost": config.name,
            "user": config.get("user") or config.local_user,
            "localuser": config.local_user,
            "tagged": config.get("tag") or "",
            "sessiontype": "exec",
            "command": "",
        }
        if criterion in subjects:
            return _in_list(subjects[criterion], value.split(","))
        if criterion == "exec":
            command = config.expand(value)
            run = subprocess.run(
                ["sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            return run.returncode == 0
        raise ConnectError(f"{where}: Match {criterion} is not supported", hint="Set ssh_backend to openssh.")


def _in_list(subject: str, patterns: Sequence[str]) -> bool:
    """Say whether a name is in a pattern list: ``*`` and ``?`` are wild, a pattern with ``!`` that fits excludes."""
    found = False
    for pattern in patterns:
        positive = pattern.removeprefix("!")
        if fnmatchcase(subject.lower(), positive.lower().replace("[", "[[]")):
            if positive != pattern:
                return False
            found = True
    return found
