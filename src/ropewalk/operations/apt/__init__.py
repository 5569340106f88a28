"""Packages, repositories and keys of Debian and Ubuntu."""

from __future__ import annotations

from ropewalk.operations.apt.deb import deb as deb
from ropewalk.operations.apt.key import key as key
from ropewalk.operations.apt.packages import packages as packages
from ropewalk.operations.apt.ppa import ppa as ppa
from ropewalk.operations.apt.repo import repo as repo
from ropewalk.operations.apt.sources_file import sources_file as sources_file
from ropewalk.operations.apt.update import update as update
from ropewalk.operations.apt.upgrade import dist_upgrade as dist_upgrade
from ropewalk.operations.apt.upgrade import upgrade as upgrade
