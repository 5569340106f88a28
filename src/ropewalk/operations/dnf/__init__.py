"""Packages, repositories, keys and modules of Fedora and its relatives."""

from __future__ import annotations

from ropewalk.operations.dnf.module import module as module
from ropewalk.operations.dnf.packages import packages as packages
from ropewalk.operations.dnf.packages import update as update
from ropewalk.operations.dnf.repositories import key as key
from ropewalk.operations.dnf.repositories import repo as repo
from ropewalk.operations.dnf.repositories import rpm as rpm
