"""Running the operations a script has added."""

from __future__ import annotations

from ropewalk.compat.driver import run_ops as run_ops
