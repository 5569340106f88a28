"""v3's host."""

from __future__ import annotations

from ropewalk.api.data import HostData as HostData
from ropewalk.api.host import Host as Host
