"""What a package manager says that a command would do, as the changes of a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ropewalk.api.context import current_host
from ropewalk.facts.packages import Preview
from ropewalk.model.command import Change, Raw, Renderable, Shell, Word
from ropewalk.operations.packaging.difference import Installed


def previewer(
    fact: type[Preview], rewrite: Callable[[Shell], Shell], installed: Callable[[], Installed]
) -> Callable[[Renderable], list[Change] | None]:
    """Return what :class:`~ropewalk.operations.packaging.Manager` calls ``preview``.

    :param fact: reads what the rewritten command says.
    :param rewrite: makes of a command the one that only tells what it would do.
    :param installed: returns the installed packages, for what is there before.
    """

    def preview(command: Renderable) -> list[Change] | None:
        if not isinstance(command, Shell):
            return None  # text that v3 code gave: it cannot be rewritten, so nothing is foretold
        steps = current_host.get().get_fact(fact, command=rewrite(command).render())
        if steps is None:
            return None
        have = installed()
        return [Change(step["name"], _before(have, step["name"]), step["after"]) for step in steps]

    return preview


def replacing(changes: Mapping[str, tuple[str, ...]]) -> Callable[[Shell], Shell]:
    """Return a function that replaces the first occurrence of some words of a command by others.

    >>> replacing({"-y": ("--assumeno",)})(Shell(("dnf", "install", "-y", "vim"))).words
    ('dnf', 'install', '--assumeno', 'vim')
    """

    def rewrite(command: Shell) -> Shell:
        words: list[Word] = list(command.words)
        for old, new in changes.items():
            if old in words:
                index = words.index(old)
                words[index : index + 1] = new
        return Shell(tuple(words), command.arguments)

    return rewrite


def if_anything(changes: list[Change] | None, command: Renderable, otherwise: str) -> list[Change | Renderable]:
    """Return the steps of a command that was previewed: none, with a reason, if it would change nothing."""
    if changes == []:
        current_host.get().noop(otherwise)
        return []
    return [*(changes or ()), command]


def still_there(check: Shell) -> Raw:
    """Return syntax that fails, with a message, while ``check``, which finds ``"$p"``, finds a package of a list."""
    return Raw(f'do if {check.render()} "$p" >/dev/null 2>&1; then echo "$p is still installed" >&2; exit 1; fi; done')


def _before(have: Installed, name: str) -> str | None:
    return ", ".join(sorted(have[name])) if name in have else None
