"""v3's state of a run."""

from __future__ import annotations

from ropewalk.api.config import Config as Config
from ropewalk.api.state import BaseStateCallback as BaseStateCallback
from ropewalk.api.state import State as State
from ropewalk.api.state import StateHostResults as StateHostResults
from ropewalk.api.state import StateOperationMeta as StateOperationMeta
from ropewalk.api.state import StateStage as StateStage
from ropewalk.compat.driver import drive

State.drive = drive
