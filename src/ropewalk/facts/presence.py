"""Commands that read something that may not be there: absent is an answer, unreadable is an error."""

from __future__ import annotations

from ropewalk.model.command import Raw, Shell, Word, sh

#: Succeeds and prints nothing if ``$1`` does not exist; fails, and says why, if that cannot be known.
_ABSENT = (
    'case $(LC_ALL=C ls -dL -- "$1" 2>&1) in '
    '*": No such file or directory"|*": Not a directory") ;; '
    '*) ls -dL -- "$1" >/dev/null;; esac'
)


def if_present(path: Word, *then: Word, dangling: bool = False, otherwise: str = "") -> Shell:
    """Return a command that runs another one if a path is there, and succeeds silently if it is not.

    Looking at a path that a user may not look at is an error, not an absence: ``test -e`` cannot tell the two
    apart, so the message of ``ls`` decides (POSIX names its two texts ``ENOENT`` and ``ENOTDIR``).

    :param then: the words of the command; it finds the path in ``"$1"``.
    :param dangling: a symbolic link that leads nowhere counts as there.
    :param otherwise: shell syntax to run if the path is absent, such as ``echo -``.

    >>> if_present("/etc/motd", Raw('cat "$1"')).words[:2]
    ('set', '--')
    """
    test = '[ -e "$1" ] || [ -L "$1" ]' if dangling else '[ -e "$1" ]'
    absent = f"{_ABSENT} && {otherwise}" if otherwise else _ABSENT
    return sh("set", "--", path, Raw(f"; if {test}; then"), *then, Raw(f"; else {absent}; fi"))
