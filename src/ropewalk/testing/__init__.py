"""What deploys and operations are tested with."""

from __future__ import annotations

from ropewalk.testing.steps import Evaluated as Evaluated
from ropewalk.testing.steps import evaluate as evaluate
from ropewalk.testing.steps import fact_key as fact_key
from ropewalk.testing.steps import steps_of as steps_of
from ropewalk.testing.worlds import World as World
