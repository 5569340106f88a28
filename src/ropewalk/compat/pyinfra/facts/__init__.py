"""What v3's authors of facts share; the facts themselves are ropewalk's own."""

from __future__ import annotations
