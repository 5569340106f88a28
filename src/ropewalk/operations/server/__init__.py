"""Users, groups, services, packages and commands of a server, whatever its distribution."""

from __future__ import annotations

from ropewalk.operations.crontab import crontab as crontab
from ropewalk.operations.server.etc_hosts import etc_hosts as etc_hosts
from ropewalk.operations.server.group import group as group
from ropewalk.operations.server.hostname import hostname as hostname
from ropewalk.operations.server.kill import kill as kill
from ropewalk.operations.server.locale import locale as locale
from ropewalk.operations.server.modprobe import modprobe as modprobe
from ropewalk.operations.server.mount import mount as mount
from ropewalk.operations.server.packages import packages as packages
from ropewalk.operations.server.reboot import reboot as reboot
from ropewalk.operations.server.script import script as script
from ropewalk.operations.server.script_template import script_template as script_template
from ropewalk.operations.server.security_limit import security_limit as security_limit
from ropewalk.operations.server.service import service as service
from ropewalk.operations.server.shell import shell as shell
from ropewalk.operations.server.sysctl import sysctl as sysctl
from ropewalk.operations.server.timezone import timezone as timezone
from ropewalk.operations.server.user import user as user
from ropewalk.operations.server.user_authorized_keys import user_authorized_keys as user_authorized_keys
from ropewalk.operations.server.wait import wait as wait
