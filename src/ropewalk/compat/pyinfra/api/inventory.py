"""v3's inventory."""

from __future__ import annotations

from ropewalk.api.host import Host as Host
from ropewalk.api.inventory import Inventory as Inventory
from ropewalk.compat.pyinfra.api.connectors import get_all_connectors as get_all_connectors
from ropewalk.compat.pyinfra.api.connectors import get_execution_connectors as get_execution_connectors
from ropewalk.model.errors import NoConnectorError as NoConnectorError
from ropewalk.model.errors import NoGroupError as NoGroupError
from ropewalk.model.errors import NoHostError as NoHostError
