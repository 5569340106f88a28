"""What git operations share: calling git, what is at a path, whom it belongs to."""

from __future__ import annotations

from ropewalk.api.context import current_host
from ropewalk.facts.files import File
from ropewalk.facts.git import GitForeignFiles
from ropewalk.model.command import Change, Shell, Steps, Word, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.model.record import record
from ropewalk.operations.files.ownership import Attributes, chown
from ropewalk.shell.paths import path_word


@record
class Place:
    """A working tree or repository on the host.

    :ivar user: whom everything there belongs to, if that matters.
    :ivar group: the group of everything there, if that matters.
    """

    path: str
    user: str | None = None
    group: str | None = None

    @property
    def exists(self) -> bool:
        """Whether it is a working tree: its ``.git`` is a directory, or a file that leads to one."""
        return current_host.get().get_fact(File, path=f"{self.path.rstrip('/')}/.git") is not None

    def git(self, *words: Word) -> Shell:
        """Return a git command.

        git refuses to work on what belongs to somebody else than the user who runs it. Where the deploy says whom it
        belongs to, that is no surprise.
        """
        trusting = ("-c", "safe.directory=*") if self.user or self.group else ()
        return sh("git", *trusting, "-C", path_word(self.path), *words)

    def owned(self, *, changed: bool, also: tuple[Word, ...] = ()) -> Steps:
        """Yield what gives everything there to the user and the group; nothing if it is theirs.

        :param changed: git has written, or will have written, as another user perhaps.
        :param also: words of further paths.
        """
        if not self.user and not self.group:
            return
        host = current_host.get()
        if not changed and not host.get_fact(GitForeignFiles, path=self.path, user=self.user, group=self.group):
            return
        attributes = Attributes.of(self.user, self.group)
        if not changed:
            yield Change("owner", "various", ":".join(filter(None, (self.user, self.group))))
        command = chown(self.path, attributes, recursive=True, link=True)
        yield Shell((*command.words, *also))


def check_name(what: str, name: str) -> None:
    """Refuse a name that git would take for an option.

    :raises OperationValueError: it is empty or begins with a dash.
    """
    if not name or name.startswith("-"):
        raise OperationValueError(f"{name!r} cannot be the name of {what}")
