"""Users, databases and privileges of a server of MySQL or MariaDB; SQL, dumps."""

from __future__ import annotations

from ropewalk.operations.mysql.database import database as database
from ropewalk.operations.mysql.privileges import privileges as privileges
from ropewalk.operations.mysql.sql import dump as dump
from ropewalk.operations.mysql.sql import load as load
from ropewalk.operations.mysql.sql import sql as sql
from ropewalk.operations.mysql.user import user as user
