"""What a deploy does on the machine that runs it (v3's ``pyinfra.local``)."""

from __future__ import annotations

from ropewalk.api.local import include as include
from ropewalk.api.local import shell as shell
