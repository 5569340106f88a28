"""Python packages with pip, and the environments they are in."""

from __future__ import annotations

from ropewalk.operations.pip.environments import venv as venv
from ropewalk.operations.pip.environments import virtualenv as virtualenv
from ropewalk.operations.pip.packages import packages as packages
