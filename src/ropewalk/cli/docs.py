"""``ropewalk docs NAME ...``: show what there is to know about operations and facts.

No host is involved, and no inventory: ``docs`` stands where the inventory would.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO

from ropewalk.cli.names import find_fact, find_operation
from ropewalk.cli.output import writing
from ropewalk.cli.reference import Module, entry_of, module, modules, names, text
from ropewalk.model.errors import UsageError
from ropewalk.model.outcome import ExitStatus
from ropewalk.model.suggest import did_you_mean

#: Words after ``docs`` that show that somebody has a host of this name in mind.
_COMMANDS = ("exec", "fact", "debug-inventory")


def run(words: Sequence[str], data: IO[str]) -> int:
    """Show the reference of what the words name, or the list of all there is.

    :raises UsageError: there is no operation, fact or subject of a name.
    """
    for word in words:
        if word.endswith(".py") or word in _COMMANDS:
            raise UsageError(
                f"docs shows documentation, and {word} is not the name of an operation or fact",
                hint="to run something on a host that is called docs, write @ssh/docs",
            )
    pages = [list(_page(word)) for word in words] if words else [list(text.contents(modules()))]
    with writing(data):
        data.write("\n\n".join("\n".join(page).rstrip() for page in pages) + "\n")
    return int(ExitStatus.OK)


def _page(word: str) -> Iterator[str]:
    if "." not in word and ":" not in word:
        return text.module(_subject(word))
    last = word.replace(":", ".").rpartition(".")[2]
    return text.entry(entry_of(word, find_fact(word) if last[:1].isupper() else find_operation(word)))


def _subject(word: str) -> Module:
    found = module(word) if word in names() else None
    if found is None or not (found.operations or found.facts):
        raise UsageError(
            f"there are no operations or facts called {word}", hint=did_you_mean(word, names(), kind="subjects")
        )
    return found
