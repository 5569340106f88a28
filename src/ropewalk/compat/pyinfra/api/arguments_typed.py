"""What v3 calls the type of an operation."""

from __future__ import annotations

from ropewalk.compat._v3_call import PyinfraOperation as PyinfraOperation
