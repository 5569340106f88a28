"""``python -m ropewalk``."""

from __future__ import annotations

from ropewalk.cli.main import entry

if __name__ == "__main__":
    entry()
