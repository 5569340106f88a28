"""Roles and databases of a PostgreSQL server; SQL, dumps."""

from __future__ import annotations

from ropewalk.operations.postgres.database import database as database
from ropewalk.operations.postgres.role import role as role
from ropewalk.operations.postgres.sql import dump as dump
from ropewalk.operations.postgres.sql import load as load
from ropewalk.operations.postgres.sql import sql as sql
