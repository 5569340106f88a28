"""The users and groups that the host's own files know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypedDict

from ropewalk.api.fact import FactBase

# All that is known of users, in one go: passwd, then groups, password hashes (root alone may read them) and last
# logins (few hosts have them), after lines that no such file can hold.
_READ = (
    "cat /etc/passwd && echo / && { getent group 2>/dev/null || cat /etc/group; } && echo / && "
    "{ cat /etc/shadow || cat /etc/master.passwd || :; } 2>/dev/null"
)
_READ_LOGINS = "{ LC_ALL=C lastlog || LC_ALL=C lastlog2 || LC_ALL=C lastlogin || :; } 2>/dev/null"
_LOGIN = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) .*")


class UserDict(TypedDict):
    """One user.

    ``groups`` are those besides ``group``. ``password`` is the hash, ``""`` for none, ``None`` if it may not be read.
    ``lastlog`` is the time of the last login as the host writes it, ``login_time`` the same as a time.
    """

    home: str | None
    comment: str | None
    shell: str | None
    group: str
    groups: list[str]
    uid: int
    gid: int
    lastlog: str | None
    login_time: datetime | None
    password: str | None


class Groups(FactBase[list[str]]):
    """The names of the groups in ``/etc/group``.

    See group(5).

    ::

        ["root", "daemon", "sudo", "ann"]
    """

    def command(self) -> str:
        return "cat /etc/group"

    def process(self, output: list[str]) -> list[str]:
        return [row[0] for row in _rows(output)]

    @staticmethod
    def default() -> list[str]:
        return []


class Users(FactBase[dict[str, UserDict]]):
    """The users in ``/etc/passwd`` by name.

    See passwd(5).

    ::

        {"ann": {"uid": 1000, "gid": 1000, "group": "ann", "groups": ["sudo"], "home": "/home/ann", ...}}
    """

    def command(self) -> str:
        return f"{_READ} && echo / && {_READ_LOGINS}"

    def process(self, output: list[str]) -> dict[str, UserDict]:
        users, groups, hashes, logins = _sections(output)
        passwords = {row[0]: row[1] for row in _rows(hashes)}
        group_rows = [row for row in _rows(groups) if len(row) >= 4]
        last = _last_logins(logins)
        return {
            row[0]: _user(row, group_rows, passwords, last)
            for row in _rows(users)
            if len(row) >= 7 and row[2].isdecimal() and row[3].isdecimal()
        }

    @staticmethod
    def default() -> dict[str, UserDict]:
        return {}


class Accounts(Users):
    """``Users`` without the times of their last logins, which cost the most to read."""

    def command(self) -> str:
        return _READ


def _user(
    row: Sequence[str],
    groups: Sequence[Sequence[str]],
    passwords: Mapping[str, str],
    logins: Mapping[str, str],
) -> UserDict:
    """Put a user together from a row of passwd(5) and what else is known."""
    name, _, uid, gid, comment, home, shell = row[:7]
    primary = next((group[0] for group in groups if group[2] == gid), gid)
    others = dict.fromkeys(group[0] for group in groups if name in group[3].split(",") and group[0] != primary)
    login = logins.get(name)
    return UserDict(
        home=home or None,
        comment=comment or None,
        shell=shell or None,
        group=primary,
        groups=list(others),
        uid=int(uid),
        gid=int(gid),
        lastlog=login,
        login_time=_time(login) if login else None,
        password=passwords.get(name),
    )


def _rows(lines: Iterable[str]) -> list[list[str]]:
    """Return the fields of the lines; without comments, and without the +/- lines that stand for NIS."""
    return [line.split(":") for line in lines if ":" in line and line[0] not in "#+-"]


def _sections(lines: Sequence[str]) -> list[list[str]]:
    sections: list[list[str]] = [[]]
    for line in lines:
        if line == "/" and len(sections) < 4:
            sections.append([])
        else:
            sections[-1].append(line)
    return sections + [[]] * (4 - len(sections))


def _last_logins(lines: Iterable[str]) -> dict[str, str]:
    """Read lastlog(8) or lastlogin(8): the name first, the time last."""
    found = {}
    for line in lines:
        match = _LOGIN.search(line)
        if match and line[:1].strip():
            found[line.split()[0]] = " ".join(match.group().split())
    return found


def _time(text: str) -> datetime | None:
    for layout in ("%a %b %d %H:%M:%S %z %Y", "%a %b %d %H:%M:%S %Y"):
        try:
            return datetime.strptime(text, layout)
        except ValueError:
            continue
    return None
