"""Packages, repositories and keys of older relatives of Fedora, with yum."""

from __future__ import annotations

from ropewalk.operations.yum.packages import packages as packages
from ropewalk.operations.yum.packages import update as update
from ropewalk.operations.yum.repositories import key as key
from ropewalk.operations.yum.repositories import repo as repo
from ropewalk.operations.yum.repositories import rpm as rpm
