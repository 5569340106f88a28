"""ZFS: file systems, volumes and snapshots."""

from __future__ import annotations

from ropewalk.operations.zfs.datasets import dataset as dataset
from ropewalk.operations.zfs.datasets import filesystem as filesystem
from ropewalk.operations.zfs.datasets import snapshot as snapshot
from ropewalk.operations.zfs.datasets import volume as volume
