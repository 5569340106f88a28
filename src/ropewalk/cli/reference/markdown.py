"""Writes the reference as Markdown: one page for each subject."""

from __future__ import annotations

from collections.abc import Iterator

from ropewalk.cli.reference.entry import Entry, Parameter
from ropewalk.cli.reference.index import Module


def page(module: Module) -> str:
    """Return the page of a subject: its operations, then its facts."""
    return "\n".join(_page(module)) + "\n"


def contents(modules: list[Module]) -> str:
    """Return the page that lists all operations and facts, with links to their pages."""
    lines = ["# Reference: operations and facts", ""]
    for module in modules:
        lines += [f"## [{module.name}]({module.name}.md)", "", module.doc.summary, ""]
        lines += [
            f"- [{entry.name}]({module.name}.md#{anchor(entry)}): {entry.doc.summary}"
            for entry in (*module.operations, *module.facts)
        ]
        lines.append("")
    return "\n".join(lines)


def anchor(entry: Entry) -> str:
    """Return the name that renderers of Markdown give the heading of an entry."""
    return entry.name.lower().replace(".", "")


def _page(module: Module) -> Iterator[str]:
    yield from (f"# {module.name}", "")
    for text in module.doc.text:
        yield from (text, "")
    for title, about, entries in (("Operations", [], module.operations), ("Facts", module.about_facts, module.facts)):
        if entries:
            yield from (f"## {title}", "")
            for text in about:
                yield from (text, "")
        for entry in entries:
            yield from _entry(entry)


def _entry(entry: Entry) -> Iterator[str]:
    yield from (f"### {entry.name}", "", *_code(f"{entry.imported}\n\n{entry.call}"))
    for text in (*entry.doc.text, *entry.notes):
        yield from (text, "")
    if entry.parameters:
        yield from (*map(_parameter, entry.parameters), "")
    for name, text in entry.doc.errors:
        yield from (f"Raises `{name}`: {text}", "")
    if entry.value:
        yield from (f"Value: `{entry.value}`", "")
    for name, keys in (entry.shapes or {}).items():
        yield from (f"`{name}` is a dictionary:", "", *(f"- `{key}`: `{type_}`" for key, type_ in keys.items()), "")
    for example in entry.doc.examples:
        yield from _code(example)
    if runs := entry.runs:
        yield from (runs.title, "", *_code("\n".join(command.rstrip("\n") for command in runs.commands), "sh"))
    yield from _sources(entry)


def _sources(entry: Entry) -> Iterator[str]:
    if entry.facts:
        yield from ("May read: " + ", ".join(f"`{name}`" for name in entry.facts), "")
    if entry.preview:
        yield from (f"To see what it would run on a host: `{entry.preview}`", "")
    if entry.default:
        needs = f", or `{entry.program}` is not installed" if entry.program else ""
        yield from (f"If there is nothing to tell{needs}: `{entry.default}`", "")
    if entry.command:
        yield from ("Runs:", "", *_code(entry.command, "sh"))


def _parameter(parameter: Parameter) -> str:
    default = f" = `{parameter.default}`" if parameter.default not in (None, "...") else ""
    type_ = f" (`{parameter.type}`{default})" if parameter.type else default
    return f"- `{parameter.name}`{type_}: {parameter.text}".rstrip(": ")


def _code(text: str, language: str = "python") -> list[str]:
    return [f"```{language}", *text.split("\n"), "```", ""]
