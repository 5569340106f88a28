"""Which version of pyinfra's interface this is an implementation of."""

from __future__ import annotations

#: The version of pyinfra whose interface for deploys, packages and scripts is provided.
API_LEVEL = "3.10.0"
