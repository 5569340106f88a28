"""v3's secrets."""

from __future__ import annotations

from ropewalk.model.v3command import HiddenValue as HiddenValue
