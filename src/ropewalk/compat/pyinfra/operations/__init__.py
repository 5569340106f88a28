"""The part of v3's ``pyinfra.operations`` that is no operations: what authors of operations share."""

from __future__ import annotations
