"""Where a run's hosts, their data and its config come from: files, the command line, modules."""

from __future__ import annotations

from ropewalk.inventories.config import check_requirements as check_requirements
from ropewalk.inventories.config import load_config as load_config
from ropewalk.inventories.describe import describe as describe
from ropewalk.inventories.limit import select as select
from ropewalk.inventories.source import load_inventory as load_inventory
from ropewalk.inventories.values import parse_data as parse_data
from ropewalk.inventories.values import parse_fact_arguments as parse_fact_arguments
from ropewalk.inventories.values import parse_operation_arguments as parse_operation_arguments
