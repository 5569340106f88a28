"""Several operations in one message: each goes ahead only if the facts it was worked out from still hold.

On the host, a fact's command is run again and its output compared with what it was. Where all are equal, the
operation's commands run; the first difference or failure stops everything behind it. Every part answers with a
frame of its own (see ``framing.py``), so the sender knows exactly what was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ropewalk.shell.script import Script

#: What a part answers that was not reached.
SKIPPED = -1
#: An output longer than this is not compared literally.
LONGEST = 8 * 1024


def comparable(output: bytes) -> bool:
    """Say whether a shell can hold this output in a variable without loss."""
    return len(output) <= LONGEST and b"\0" not in output


def begin() -> str:
    """Return the script that a chain starts with."""
    return "go=1\n"


def guard(facts: Sequence[tuple[Script, bytes, int]], marker: str) -> str:
    """Return the script that compares facts, and answers with 1 + len(facts) frames.

    The first frame's status says whether they are as expected (0) or not (1). Where they are not, the others
    are what they are now, as their commands write it; else these are skipped.

    :param facts: for each the script of its command, the output and the exit status it had.
    """
    parts = []
    for number, (script, output, status) in enumerate(facts):
        expected = _literal(output) + f"x{status}"
        parts.append(f'o=$( {_with_status(script)}); [ "$o" = {expected} ] || g={number + 1}')
    compare = "; ".join(["g=0", *parts, 'if [ "$g" != 0 ]; then go=0; s=1; else s=0; fi'])
    first = f'if [ "$go" = 1 ]; then {compare}; else g=0; s={SKIPPED}; fi; {_answer(marker)}\n'
    return first + "".join(
        f'if [ "$g" != 0 ]; then {script.line}; s=$?; else s={SKIPPED}; fi; {_answer(marker)}\n'
        for script, _, _ in facts
    )


def _with_status(script: Script) -> str:
    """Return the script, for a subshell of its own, that writes the output and then the exit status."""
    if script.inner:
        return f"trap 'echo x$?' EXIT; {script.inner} 2>/dev/null"
    return f"{script.line} 2>/dev/null; echo x$?"


def command(script: Script, success: Iterable[int], marker: str) -> str:
    """Return the script that runs a command if the chain still goes on; its failure stops the chain."""
    codes = "|".join(str(code) for code in success)
    run = f"{script.line}; s=$?; case $s in {codes}) ;; *) go=0;; esac"
    return f'if [ "$go" = 1 ]; then {run}; else s={SKIPPED}; fi; {_answer(marker)}{script.body}\n'


def _answer(marker: str) -> str:
    """Return the script that answers; it ends the shell when nobody is there any more to be told."""
    return f"printf '\\n{marker} %d\\n' $s || exit; printf '\\n{marker}\\n' >&2 || exit"


def _literal(output: bytes) -> str:
    text = output.decode("utf-8", errors="surrogateescape")
    return "'" + text.replace("'", "'\"'\"'") + "'"
