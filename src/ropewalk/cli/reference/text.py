"""Writes the reference for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from ropewalk.cli.reference.entry import Entry
from ropewalk.cli.reference.index import Module

WIDTH = 100


def entry(found: Entry) -> Iterator[str]:
    """Yield the lines about one operation or fact."""
    yield from (found.imported, "", *_wrapped(found.call, "", "    "))
    for text in (*found.doc.text, *found.notes):
        yield from ("", *_wrapped(text))
    if found.parameters:
        yield from ("", "Parameters:")
    for parameter in found.parameters:
        default = f" = {parameter.default}" if parameter.default not in (None, "...") else ""
        yield f"  {parameter.name}: {parameter.type}{default}" if parameter.type else f"  {parameter.name}{default}"
        yield from _wrapped(parameter.text, "      ")
    if found.doc.errors:
        yield from ("", "Raises:")
    for name, text in found.doc.errors:
        yield from _wrapped(f"{name}: {text}", "  ", "      ")
    if found.value:
        yield from ("", f"Value: {found.value}")
    for name, keys in (found.shapes or {}).items():
        yield from (f"  {name}:", *(f"      {key}: {type_}" for key, type_ in keys.items()))
    for example in found.doc.examples:
        yield from ("", "Example:", *(f"    {line}".rstrip() for line in example.split("\n")))
    yield from _runs(found)
    yield from _sources(found)


def _runs(found: Entry) -> Iterator[str]:
    if runs := found.runs:
        lines = [line for command in runs.commands for line in command.rstrip("\n").split("\n")]
        yield from ("", runs.title, *(f"    {line}".rstrip() for line in lines))


def _sources(found: Entry) -> Iterator[str]:
    if found.facts:
        yield from ("", *_wrapped(f"May read: {', '.join(found.facts)}", "", "    "))
    if found.preview:
        yield from ("", *_wrapped(f"To see what it would run on a host: {found.preview}", "", "    "))
    if found.default:
        needs = f", or {found.program} is not installed" if found.program else ""
        yield from ("", f"If there is nothing to tell{needs}: {found.default}")
    if found.command:
        yield from ("", "Runs:", *(f"    {line}" for line in found.command.split("\n")))


def module(found: Module) -> Iterator[str]:
    """Yield the lines about a subject: what it is, and what there is."""
    for text in found.doc.text:
        yield from (*_wrapped(text), "")
    yield from _section("Operations:", found.operations)
    for text in found.about_facts:
        yield from (*_wrapped(text), "")
    yield from _section("Facts:", found.facts)


def contents(modules: Iterable[Module]) -> Iterator[str]:
    """Yield a line for each operation and fact."""
    for found in modules:
        head = _shortened(f"{found.name}: {found.doc.summary}", WIDTH)
        yield from (head, *map(_line, (*found.operations, *found.facts)), "")


def _section(title: str, entries: tuple[Entry, ...]) -> Iterator[str]:
    if entries:
        yield from (title, *map(_line, entries), "")


def _line(found: Entry) -> str:
    return f"  {found.name}  {_shortened(found.doc.summary, WIDTH - len(found.name) - 4)}"


def _shortened(text: str, width: int) -> str:
    return textwrap.shorten(text.replace("`", ""), width, placeholder=" ...")


def _wrapped(text: str, first: str = "", rest: str | None = None) -> list[str]:
    indent = first if rest is None else rest
    return textwrap.wrap(
        text.replace("`", ""),
        WIDTH,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
