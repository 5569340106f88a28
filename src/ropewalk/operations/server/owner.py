"""Whom a user's files belong to."""

from __future__ import annotations

from collections.abc import Mapping

from ropewalk.facts.files import FileDict
from ropewalk.facts.server import UserDict
from ropewalk.model.record import record


@record
class Owner:
    """A user, and the group of the user's files.

    :param group: ``None``: the user's login group, whatever it is.
    :param also: names of users with the same number: the host may tell any of them as the owner of a file.
    :param login_group: the user's login group, if it is known; files that are new get it.
    """

    user: str
    group: str | None = None
    also: frozenset[str] = frozenset()
    login_group: str | None = None

    @property
    def spec(self) -> str:
        """What chown(1) takes."""
        return f"{self.user}:{self.group or ''}"

    def owns(self, entry: FileDict) -> bool:
        """Say whether a file or directory belongs to the user and the group."""
        mine = entry["user"] == self.user or entry["user"] in self.also
        return mine and self.group in (None, entry["group"])


def same_number(users: Mapping[str, UserDict], user: str, uid: int | None = None) -> frozenset[str]:
    """Return the names of the users that share a user's number.

    :param uid: the number the user will have; ``None``: the one the user has.
    """
    if uid is None:
        uid = users[user]["uid"] if user in users else None
    return frozenset(name for name, entry in users.items() if entry["uid"] == uid)
