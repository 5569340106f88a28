"""Formulae, casks and taps of Homebrew."""

from __future__ import annotations

from ropewalk.facts.brew import BrewItemKind as BrewItemKind
from ropewalk.operations.brew.packages import cask_upgrade as cask_upgrade
from ropewalk.operations.brew.packages import casks as casks
from ropewalk.operations.brew.packages import packages as packages
from ropewalk.operations.brew.packages import update as update
from ropewalk.operations.brew.packages import upgrade as upgrade
from ropewalk.operations.brew.taps import tap as tap
from ropewalk.operations.brew.taps import trust as trust
