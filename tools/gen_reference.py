"""Writes the reference of all operations and facts as Markdown: one page for each subject, and README.md, the list.

::

    python tools/gen_reference.py DIRECTORY

The pages are made of docstrings and signatures (``ropewalk docs`` shows the same), so they are not kept in git.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ropewalk.cli.reference import markdown, modules


def main(argv: list[str]) -> int:
    if len(argv) != 1 or argv[0].startswith("-"):
        print("usage: python tools/gen_reference.py DIRECTORY", file=sys.stderr)
        return 2
    folder = Path(argv[0])
    folder.mkdir(parents=True, exist_ok=True)
    found = list(modules())
    (folder / "README.md").write_text(markdown.contents(found), encoding="utf-8")
    for module in found:
        (folder / f"{module.name}.md").write_text(markdown.page(module), encoding="utf-8")
    print(f"{folder}: {len(found)} subjects")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
