"""v3's inventory."""

from __future__ import annotations

from ropewalk.api.host import Host as Host
from ropewalk.api.inventory import Inventory as Inventory
from ropewalk.model.errors import NoConnectorError as NoConnectorError
from ropewalk.model.errors import NoGroupError as NoGroupError
from ropewalk.model.errors import NoHostError as NoHostError
