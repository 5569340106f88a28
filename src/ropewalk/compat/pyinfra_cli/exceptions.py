"""Errors of the command line."""

from __future__ import annotations

from ropewalk.model.errors import UsageError

#: What the command line cannot make sense of.
CliError = UsageError
