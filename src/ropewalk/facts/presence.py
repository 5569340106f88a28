"""Commands that read something that may not be there: absent is an answer, unreadable is an error."""

from __future__ import annotations

import shlex

from ropewalk.model.command import Raw, Shell, Word, sh

#: Succeeds and prints nothing if ``$1`` does not exist; fails, and says why, if that cannot be known. Most shells say
#: themselves why they cannot open it, which takes no process; ``ls`` is asked where they say something else.
_ABSENT = (
    'case $({ true <"$1"; } 2>&1) in *": No such file"|*": No such file or directory"|*": no such file") ;; '
    '*) case $(LC_ALL=C ls -dL -- "$1" 2>&1) in '
    '*": No such file or directory"|*": Not a directory") ;; '
    '*) ls -dL -- "$1" >/dev/null;; esac;; esac'
)


def if_present(path: Word, *then: Word, dangling: bool = False, otherwise: str = "") -> Shell:
    """Return a command that runs another one if a path is there, and succeeds silently if it is not.

    Looking at a path that a user may not look at is an error, not an absence: ``test -e`` cannot tell the two
    apart, so a message decides, of the shell or of ``ls`` (POSIX names its two texts ``ENOENT`` and ``ENOTDIR``).

    :param then: the words of the command; it finds the path in ``"$1"``.
    :param dangling: a symbolic link that leads nowhere counts as there.
    :param otherwise: shell syntax to run if the path is absent, such as ``echo -``.

    >>> if_present("/etc/motd", Raw('cat "$1"')).words[:2]
    ('set', '--')
    """
    test = '[ -e "$1" ] || [ -L "$1" ]' if dangling else '[ -e "$1" ]'
    absent = f"{_ABSENT} && {otherwise}" if otherwise else _ABSENT
    return sh("set", "--", path, Raw(f"; if {test}; then"), *then, Raw(f"; else {absent}; fi"))


def unless_said(message: str | None, *command: Word) -> Shell:
    """Return a command that succeeds, without a word, if another one fails and says a certain thing.

    Many programs know of "there is no such thing" only as an error among others; what they say tells it apart.

    :param message: a part of what is on standard error then, in English; ``None``: nothing at all is there.
    :param command: the words of the command. Its standard output passes through, its standard error if it fails.

    >>> unless_said("no snap found", "snap", "info", "lxd").words[1:4]
    ('snap', 'info', 'lxd')
    """
    absent = "?:|??:|???:" if message is None else f"*{shlex.quote(message)}*"
    return sh(Raw("{ said=$(LC_ALL=C"), *command, Raw("2>&1 >&3 3>&-); status=$?; } 3>&1;"),
              Raw("case $status:$said in 0:*) ;;"),
              Raw(f"{absent}) ;; *) printf '%s\\n' \"$said\" >&2; exit $status;; esac"))  # fmt: skip
