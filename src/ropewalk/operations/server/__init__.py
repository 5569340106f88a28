"""Users, groups, services, packages and commands of a server, whatever its distribution."""

from __future__ import annotations

from ropewalk.operations.server.kill import kill as kill
from ropewalk.operations.server.reboot import reboot as reboot
from ropewalk.operations.server.script import script as script
from ropewalk.operations.server.script_template import script_template as script_template
from ropewalk.operations.server.shell import shell as shell
from ropewalk.operations.server.wait import wait as wait
