"""Commands whose failure may be an answer: what it looks like is known, all else stays an error."""

from __future__ import annotations

from ropewalk.model.command import Raw, Shell, sh


def allowing(command: Shell, *signs: str) -> Shell:
    """Return a command that succeeds without more output if another one fails in a way that is known.

    :param command: its standard error is shown only if it fails in another way.
    :param signs: patterns of ``case`` that know such a failure by what it writes to standard error.

    >>> allowing(sh("docker", "inspect", "x"), "*'No such object'*").words[1]
    'docker'
    """
    known = "|".join(signs)
    return sh(
        Raw("{ e=$({"),
        *command.words,
        Raw(f"\n}} 2>&1 >&3); }} 3>&1 || case $e in {known}) ;; *) printf '%s\\n' \"$e\" >&2; exit 1;; esac"),
    )
