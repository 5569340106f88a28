"""Python packages, tools, interpreters and environments, with uv."""

from __future__ import annotations

from ropewalk.operations.uv.environments import venv as venv
from ropewalk.operations.uv.packages import packages as packages
from ropewalk.operations.uv.pythons import pythons as pythons
from ropewalk.operations.uv.tools import tools as tools
from ropewalk.operations.uv.tools import tools_update_shell as tools_update_shell
from ropewalk.operations.uv.tools import tools_upgrade_all as tools_upgrade_all
