"""Packages and repositories of SUSE."""

from __future__ import annotations

from ropewalk.operations.zypper.packages import packages as packages
from ropewalk.operations.zypper.packages import update as update
from ropewalk.operations.zypper.repositories import repo as repo
from ropewalk.operations.zypper.repositories import rpm as rpm
