"""Writes the table of global arguments in ``docs/deploys.md`` from the one list of them.

::

    python tools/gen_arguments_table.py            write the table
    python tools/gen_arguments_table.py --check    only say whether that would change it (exit status 1: it would)
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from ropewalk.model.arguments import Declared, declared

TARGET = Path(__file__).parents[1] / "docs" / "deploys.md"
BEGIN, END = "<!-- arguments: written by tools/gen_arguments_table.py -->\n", "<!-- end of arguments -->\n"


def row(entry: Declared) -> str:
    """Return the line of one argument."""
    default = "" if entry.arg.default is None else f"`{entry.arg.default!r}`"
    setting = f"`{entry.arg.config}`" if entry.arg.config else ""
    return f"| `{entry.name}` | {entry.arg.help.replace('|', chr(92) + '|')} | {default} | {setting} |\n"


def tables() -> Iterator[str]:
    """Yield the lines of both tables."""
    for connector, title in (
        (True, "How its commands run. Facts and `host.run_shell_command` take these too:"),
        (False, "What it is called, whether and where it runs, and what its failure means:"),
    ):
        yield f"\n{title}\n\n| argument | meaning | default | setting |\n|---|---|---|---|\n"
        yield from (row(entry) for entry in declared().values() if entry.connector is connector)
    yield "\n"


def render(text: str) -> str:
    """Return the page with the tables as they should be."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + "".join(tables()) + END + tail


def main() -> int:
    text = TARGET.read_text()
    if BEGIN not in text or END not in text:
        print(f"{TARGET} has lost the marks between which the table stands", file=sys.stderr)
        return 1
    if "--check" in sys.argv[1:]:
        if render(text) == text:
            return 0
        print(f"{TARGET} is out of date: run tools/gen_arguments_table.py", file=sys.stderr)
        return 1
    TARGET.write_text(render(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
