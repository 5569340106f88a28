"""What deploys and operations are tested with."""

from __future__ import annotations

from ropewalk.connectors.fake import Answer as Answer
from ropewalk.connectors.fake import FakeFile as FakeFile
from ropewalk.connectors.fake import FakeHost as FakeHost
from ropewalk.testing.fakes import fact_command as fact_command
from ropewalk.testing.fakes import fake_inventory as fake_inventory
from ropewalk.testing.steps import Evaluated as Evaluated
from ropewalk.testing.steps import evaluate as evaluate
from ropewalk.testing.steps import fact_key as fact_key
from ropewalk.testing.steps import steps_of as steps_of
from ropewalk.testing.worlds import World as World
