"""The packet filter. Rules last until the host restarts; Debian's ``iptables-persistent`` and its like keep them."""

from __future__ import annotations

from ropewalk.operations.iptables.chain import chain as chain
from ropewalk.operations.iptables.rule import rule as rule
