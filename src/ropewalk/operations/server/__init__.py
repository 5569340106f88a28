"""Users, groups, services, packages and commands of a server, whatever its distribution."""

from __future__ import annotations

from ropewalk.operations.server.shell import shell as shell
