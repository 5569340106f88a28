"""Jobs in the crontabs of users."""

from __future__ import annotations

from ropewalk.operations.crontab.crontab import crontab as crontab
