"""``python -m pyinfra_cli`` is ``ropewalk``."""

from __future__ import annotations

from ropewalk.compat.pyinfra_cli.main import cli as cli
from ropewalk.compat.pyinfra_cli.main import main as main

if __name__ == "__main__":
    main()
