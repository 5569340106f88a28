"""Writes the tables in ``docs/`` that are lists of the code: global arguments, host data of the SSH
connector and of fake hosts, operations and facts.

::

    python tools/gen_tables.py            write the tables
    python tools/gen_tables.py --check    only say whether that would change a page (exit status 1: it would)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ropewalk.cli.reference import Entry, Module, modules
from ropewalk.connectors.fake import data as fake_data
from ropewalk.connectors.ssh import data as ssh_data
from ropewalk.model.arguments import declared

DOCS = Path(__file__).parents[1] / "docs"
SURFACE = DOCS.parent / "tests" / "unit" / "surface" / "facts.txt"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a table; a bar in a cell does not end it."""
    titles = list(head)
    yield f"| {' | '.join(titles)} |\n"
    yield f"|{'---|' * len(titles)}\n"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n"


def arguments() -> Iterator[str]:
    """Yield both tables of global arguments."""
    for connector, title in (
        (True, "How its commands run. Facts and `host.run_shell_command` take these too:"),
        (False, "What it is called, whether and where it runs, and what its failure means:"),
    ):
        entries = [entry for entry in declared().values() if entry.connector is connector]
        yield f"\n{title}\n\n"
        yield from table(
            ("argument", "meaning", "default", "setting"),
            ((code(e.name), e.arg.help, default(e.arg.default), code(e.arg.config or "")) for e in entries),
        )
    yield "\n"


def ssh() -> Iterator[str]:
    """Yield the table of what the SSH connector reads of a host's data."""
    return host_data(ssh_data.keys())


def fake() -> Iterator[str]:
    """Yield the table of what fake hosts read."""
    return host_data(fake_data.keys())


def host_data(keys: Mapping[str, tuple[Any, str]]) -> Iterator[str]:
    yield "\n"
    yield from table(("host data", "meaning"), ((code(key), meaning) for key, (_, meaning) in keys.items()))
    yield "\n"


def operations() -> Iterator[str]:
    """Yield the table of subjects and their operations."""
    return subjects("operations", lambda module: module.operations)


def facts() -> Iterator[str]:
    """Yield the table of subjects and their facts: those that v3 has too, as others are there for operations."""
    listed = {line.partition("(")[0] for line in SURFACE.read_text(encoding="utf-8").splitlines()}
    return subjects("facts", lambda module: [fact for fact in module.facts if fact.name in listed])


def subjects(title: str, entries: Callable[[Module], Iterable[Entry]]) -> Iterator[str]:
    rows = ((module, [entry.name.removeprefix(f"{module.name}.") for entry in entries(module)]) for module in modules())
    yield "\n"
    yield from table(
        ("subject", title), ((code(module.name), " ".join(map(code, names))) for module, names in rows if names)
    )
    yield "\n"


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def default(value: Any) -> str:
    return "" if value is None else f"`{value!r}`"


#: Page, name of the marks between which the table stands, what writes it.
TABLES: list[tuple[str, str, Callable[[], Iterator[str]]]] = [
    ("deploys.md", "arguments", arguments),
    ("connectors.md", "ssh", ssh),
    ("testing.md", "fake", fake),
    ("operations.md", "operations", operations),
    ("facts.md", "facts", facts),
]


def render(text: str, name: str, lines: Iterable[str]) -> str:
    """Return a page with a table as it should be.

    :raises SystemExit: the page has lost its marks.
    """
    begin, end = f"<!-- {name}: written by tools/gen_tables.py -->\n", f"<!-- end of {name} -->\n"
    head, found, rest = text.partition(begin)
    _, found_end, tail = rest.partition(end)
    if not (found and found_end):
        sys.exit(f"the marks for the table of {name} are gone")
    return head + begin + "".join(lines) + end + tail


def main() -> int:
    status = 0
    for page, name, lines in TABLES:
        path = DOCS / page
        text = path.read_text()
        wanted = render(text, name, lines())
        if wanted == text:
            continue
        if "--check" in sys.argv[1:]:
            print(f"{path} is out of date: run tools/gen_tables.py", file=sys.stderr)
            status = 1
        else:
            path.write_text(wanted)
    return status


if __name__ == "__main__":
    sys.exit(main())
