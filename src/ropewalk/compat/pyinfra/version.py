"""The version of pyinfra that this is an implementation of."""

from __future__ import annotations

from ropewalk.model.version import API_LEVEL

__version__ = API_LEVEL
