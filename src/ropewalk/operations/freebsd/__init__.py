"""FreeBSD: packages, services, settings and updates, also of jails."""

from __future__ import annotations

from ropewalk.operations.freebsd import freebsd_update as freebsd_update
from ropewalk.operations.freebsd import pkg as pkg
from ropewalk.operations.freebsd import service as service
from ropewalk.operations.freebsd import sysrc as sysrc
