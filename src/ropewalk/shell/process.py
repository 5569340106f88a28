"""Which process a shell is: its number, and when it began, because numbers are used again."""

from __future__ import annotations

from ropewalk.model.record import record

# When it began is the twentieth word after a name that may hold anything but ends with the last ") ": see proc(5).
# No program is started for that, and in a process of its own nothing is left in the shell. When the connection is lost
# meanwhile, writing must not end the process: a guard has its work to do then.
WHEN = '"${20:-}"'
_TELL = (
    "( trap '' PIPE; { read -r stat </proc/$$/stat; } 2>/dev/null; set -- ${stat##*) }; "
    f"printf '\\n%s %d %s\\n' MARKER $$ {WHEN}; printf '\\n%s\\n' MARKER >&2 )"
)


@record
class Process:
    """A process on a host.

    :ivar born: when it began, as ``/proc`` says it; empty on hosts that have none.
    """

    pid: int
    born: str = ""

    @classmethod
    def told(cls, words: bytes) -> Process:
        """Return the process of which a shell has told, by :func:`tell`.

        :raises ValueError: these are other words.

        >>> Process.told(b"4711 8812")
        Process(pid=4711, born='8812')
        """
        pid, _, born = words.decode("ascii").strip().partition(" ")
        if born and not born.isdecimal():
            raise ValueError(f"not the time at which a process began: {born!r}")
        return cls(int(pid), born)


def tell(marker: str) -> str:
    """Return the command with which a shell tells which process it is, after a marker on both output streams.

    >>> "MARKER" in tell("xyz")
    False
    """
    return _TELL.replace("MARKER", marker)
