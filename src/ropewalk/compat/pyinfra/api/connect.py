"""Connecting and disconnecting all hosts of a state, for scripts."""

from __future__ import annotations

from ropewalk.compat.driver import connect_all as connect_all
from ropewalk.compat.driver import disconnect_all as disconnect_all
