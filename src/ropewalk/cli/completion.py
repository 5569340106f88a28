"""What a shell can complete: ``eval "$(_ROPEWALK_COMPLETE=bash_source ropewalk)"``."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

_COMMANDS = ("exec", "fact", "debug-inventory")


def complete_inventory(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer inventory files, and connectors after ``@``."""
    if incomplete.startswith("@"):
        from ropewalk.api.registry import names

        return _offered((f"@{name}" for name in names()), incomplete)
    from ropewalk.inventories.source import ENDINGS

    return [*_files(incomplete, (".py", *ENDINGS)), *_offered(["docs"], incomplete)]


def complete_operations(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer deploy files, commands and operations; after ``fact`` facts."""
    words = ctx.params.get("operations") or ()
    if ctx.params.get("inventory") == "docs":
        return _offered([*_names("operation", incomplete), *_names("fact", incomplete)], incomplete)
    if words and words[0] == "fact":
        return _offered(_names("fact", incomplete), incomplete)
    if words and words[0].endswith(".py"):
        return _files(incomplete)
    if words:
        return []
    return [*_files(incomplete), *_offered([*_COMMANDS, *_names("operation", incomplete)], incomplete)]


def _files(incomplete: str, endings: tuple[str, ...] = (".py",)) -> list[CompletionItem]:
    folder = Path(incomplete).parent if not incomplete.endswith("/") else Path(incomplete)
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return []
    fitting = [f"{entry}/" if entry.is_dir() else str(entry) for entry in entries]
    return _offered((name for name in fitting if name.endswith(("/", *endings))), incomplete)


def _names(kind: str, incomplete: str) -> list[str]:
    """Return modules, or the names in a module once it is typed: importing all of them would take too long."""
    from ropewalk.api.operation import Operation
    from ropewalk.cli import names

    modules = names.own_modules(kind)
    module, dot, _ = incomplete.partition(".")
    if not dot:
        return [f"{name}." for name in modules]
    if module not in modules:
        return []
    wanted = names.is_fact if kind == "fact" else lambda value: isinstance(value, Operation)
    return [f"{module}.{name}" for name in names.members(importlib.import_module(f"ropewalk.{kind}s.{module}"), wanted)]


def _offered(words: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in words if word.startswith(incomplete) and not word.startswith(".")]
