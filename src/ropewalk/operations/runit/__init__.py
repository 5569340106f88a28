"""Services of runit."""

from __future__ import annotations

from ropewalk.operations.runit.auto import auto as auto
from ropewalk.operations.runit.manage import manage as manage
from ropewalk.operations.runit.service import service as service
from ropewalk.operations.runit.wait_runsv import wait_runsv as wait_runsv
