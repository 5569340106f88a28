"""What lets code written for pyinfra v3 run as it is: its import names, its connectors, its Python API."""

from __future__ import annotations
