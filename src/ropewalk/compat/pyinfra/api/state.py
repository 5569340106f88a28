"""v3's state of a run."""

from __future__ import annotations

import ropewalk.compat.driver  # noqa: F401 (lets hosts of a state that is part of no run answer by themselves)
from ropewalk.api.config import Config as Config
from ropewalk.api.state import BaseStateCallback as BaseStateCallback
from ropewalk.api.state import State as State
from ropewalk.api.state import StateHostResults as StateHostResults
from ropewalk.api.state import StateOperationMeta as StateOperationMeta
from ropewalk.api.state import StateStage as StateStage
