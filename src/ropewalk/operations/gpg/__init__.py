"""Files of OpenPGP keys."""

from __future__ import annotations

from ropewalk.operations.gpg.dearmor import dearmor as dearmor
from ropewalk.operations.gpg.key import key as key
