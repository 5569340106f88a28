"""What somebody who mistyped a name may have meant."""

from __future__ import annotations

from collections.abc import Iterable


def closest(word: str, known: Iterable[str], *, least: float = 0.6) -> str | None:
    """Return the known name that is most like a word, if one is like it at all.

    :param least: how alike they must be, from 0 (nothing in common) to 1 (equal).

    >>> closest("wbe1", ["web1", "db1"])
    'web1'
    """
    import difflib  # only who has mistyped something needs it

    by_core = {_core(name): name for name in known}
    found = difflib.get_close_matches(_core(word), by_core, n=1, cutoff=least)
    return by_core[found[0]] if found else None


def _core(name: str) -> str:
    """Return what two names are compared by: that both are files of Python makes them no more alike."""
    return name.lower().removesuffix(".py")


def did_you_mean(word: str, known: Iterable[str], *, kind: str) -> str | None:
    """Return a hint for an unknown name: the one that is most like it, else all of them if they are few.

    :param kind: what the names are, in the plural.

    >>> did_you_mean("wbe1", ["web1", "db1"], kind="hosts")
    'did you mean web1?'
    >>> did_you_mean("x", ["web1", "db1"], kind="hosts")
    'hosts: db1, web1'
    """
    names = sorted(set(known))
    nearest = closest(word, names)
    if nearest is not None:
        return f"did you mean {nearest}?"
    if not names:
        return None
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f"{kind}: {', '.join(names[:10])}{more}"
