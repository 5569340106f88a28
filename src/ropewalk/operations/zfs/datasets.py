"""zfs.dataset, and the same for each kind of dataset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.zfs import ZfsDataset
from ropewalk.model.command import Change, Shell, Steps, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.model.record import record
from ropewalk.operations.zfs.properties import differing, rounded_up, size_in_bytes, spelled

Properties = Mapping[str, Any] | None

_PART = r"[A-Za-z0-9][A-Za-z0-9_.: -]*"
_NAME = re.compile(rf"{_PART}(/[A-Za-z0-9_.:-][A-Za-z0-9_.: -]*)*(@[A-Za-z0-9_.:-][A-Za-z0-9_.: -]*)?")


@record
class _Wanted:
    """A dataset as wanted.

    :ivar kind: ``filesystem``, ``volume``, ``snapshot``; or ``dataset``: what is there, or else a file system.
    :ivar size: that of a volume, as it was written.
    """

    name: str
    kind: str
    properties: Mapping[str, str]
    size: str | None = None
    sparse: bool = False
    recursive: bool = False


@operation()
def dataset(
    dataset_name: str,
    present: bool = True,
    recursive: bool = False,
    sparse: bool | None = None,
    volume_size: str | int | None = None,
    properties: Properties = None,
    **extra_props: Any,
) -> Steps:
    """Make, change or destroy a dataset: a file system, with a size a volume, with an ``@`` in its name a snapshot.

    :param dataset_name: its name, such as ``"tank/home"``.
    :param present: whether it should exist; what kind it is does not matter to what is destroyed.
    :param recursive: also make the file systems above it; destroy also what is below it; for a snapshot: also of
        everything below.
    :param sparse: a new volume takes only the space that is used; needs ``volume_size``.
    :param volume_size: the size of a volume: ``"10G"``, or bytes, rounded up to whole blocks. A volume is made larger,
        never smaller. Without a size, properties of a volume that exists can be set.
    :param properties: its properties, zfsprops(7); ``True`` and ``False`` stand for ``on`` and ``off``. Those that are
        not named stay as they are.
    :param extra_props: further properties.
    :raises OperationError: it exists as something else, or is a larger volume.
    :raises OperationValueError: names, properties or a size that are none.

    ::

        zfs.dataset(name="Make room for backups", dataset_name="tank/backup", compression="zstd", quota="500G")
    """
    size = None if volume_size is None else str(volume_size)
    kind = "snapshot" if "@" in dataset_name else "dataset" if size is None or not present else "volume"
    if sparse and size is None:
        raise OperationValueError("only volumes are sparse", hint="give `volume_size` too")
    if kind == "snapshot" and size is not None:
        raise OperationValueError(f"{dataset_name} is a snapshot, which has no `volume_size`")
    wanted = _Wanted(dataset_name, kind, spelled(properties, extra_props), size, bool(sparse), recursive)
    yield from _ensure(wanted, present)


@operation()
def snapshot(
    snapshot_name: str,
    present: bool = True,
    recursive: bool = False,
    properties: Properties = None,
    **extra_props: Any,
) -> Steps:
    """Take a snapshot, or destroy one.

    :param snapshot_name: its name, such as ``"tank/home@monday"``.
    :param present: whether it should exist. One that exists is not taken anew.
    :param recursive: also of everything below.
    :param properties: its properties, which a user may name: ``{"org.example:reason": "upgrade"}``.
    :param extra_props: further properties.
    :raises OperationValueError: the name is not that of a snapshot.
    :raises OperationError: it exists as something else.

    ::

        zfs.snapshot(name="Be able to go back", snapshot_name="tank/home@before-upgrade")
    """
    if "@" not in snapshot_name:
        raise OperationValueError(f"{snapshot_name!r} is not the name of a snapshot", hint="write dataset@name")
    wanted = _Wanted(snapshot_name, "snapshot", spelled(properties, extra_props), recursive=recursive)
    yield from _ensure(wanted, present)


@operation()
def volume(
    volume_name: str,
    size: str | int,
    sparse: bool = False,
    present: bool = True,
    recursive: bool = False,
    properties: Properties = None,
    **extra_props: Any,
) -> Steps:
    """Make a volume, make it larger, or destroy it.

    :param volume_name: its name, such as ``"tank/disk1"``.
    :param size: its size: ``"10G"``, or bytes, rounded up to whole blocks. A volume is never made smaller.
    :param sparse: a new volume takes only the space that is used.
    :param present: whether it should exist.
    :param recursive: also make the file systems above it; destroy also its snapshots.
    :param properties: its properties, see ``zfs.dataset``.
    :param extra_props: further properties.
    :raises OperationError: it exists as something else, or is larger.
    :raises OperationValueError: names, properties or a size that are none.

    ::

        zfs.volume(name="Make a disk", volume_name="tank/disk1", size="10G", sparse=True)
    """
    wanted = _Wanted(volume_name, "volume", spelled(properties, extra_props), str(size), sparse, recursive)
    yield from _ensure(wanted, present)


@operation()
def filesystem(
    fs_name: str, present: bool = True, recursive: bool = False, properties: Properties = None, **extra_props: Any
) -> Steps:
    """Make, change or destroy a file system.

    :param fs_name: its name, such as ``"tank/home"``.
    :param present: whether it should exist.
    :param recursive: also make the file systems above it; destroy also what is below it.
    :param properties: its properties, see ``zfs.dataset``.
    :param extra_props: further properties.
    :raises OperationError: it exists as something else.
    :raises OperationValueError: names or properties that are none.

    ::

        zfs.filesystem(name="Make room for people", fs_name="tank/home", mountpoint="/home", atime=False)
    """
    yield from _ensure(_Wanted(fs_name, "filesystem", spelled(properties, extra_props), recursive=recursive), present)


def _ensure(wanted: _Wanted, present: bool) -> Steps:
    if not _NAME.fullmatch(wanted.name) or ("@" in wanted.name) != (wanted.kind == "snapshot"):
        raise OperationValueError(f"{wanted.name!r} is not the name of a {wanted.kind}")
    if wanted.size is not None and size_in_bytes(wanted.size) is None:
        raise OperationValueError(f"{wanted.size!r} is not a size", hint='write bytes, or "10G"')
    have = current_host.get().get_fact(ZfsDataset, dataset=wanted.name).get(wanted.name)
    if have is not None and wanted.kind not in ("dataset", have.get("type", wanted.kind)):
        raise OperationError(f"{wanted.name} is a {have['type']}, not a {wanted.kind}")
    if bool(have) != present:
        yield _create(wanted) if present else sh("zfs", "destroy", *(["-r"] if wanted.recursive else []), wanted.name)
    elif have and present:
        yield from _change(wanted, have)
    else:
        current_host.get().noop(f"there is no {wanted.kind} {wanted.name}")


def _create(wanted: _Wanted) -> Shell:
    options = [word for name, value in wanted.properties.items() for word in ("-o", f"{name}={value}")]
    if wanted.kind == "snapshot":
        return sh("zfs", "snapshot", *options, *(["-r"] if wanted.recursive else []), wanted.name)
    parents = ["-p"] if wanted.recursive else []
    size = [] if wanted.size is None else [*(["-s"] if wanted.sparse else []), "-V", wanted.size]
    return sh("zfs", "create", *options, *parents, *size, wanted.name)


def _change(wanted: _Wanted, have: Mapping[str, str]) -> Steps:
    properties = dict(wanted.properties)
    if wanted.size is not None:
        size = rounded_up(size_in_bytes(wanted.size) or 0, int(have.get("volblocksize", 1)))
        if size < int(have["volsize"]):
            raise OperationError(
                f"{wanted.name} has {have['volsize']} bytes: to make it smaller would destroy what is at its end",
                hint="shrink what is in it, then run `zfs set volsize=...` by hand",
            )
        properties["volsize"] = wanted.size if size == size_in_bytes(wanted.size) else str(size)
    changes = differing(have, properties)
    if not changes:
        current_host.get().noop(f"the {wanted.kind} {wanted.name} is as it should be")
        return
    yield from (Change(name, before, after) for name, (before, after) in changes.items())
    yield sh("zfs", "set", *(f"{name}={after}" for name, (_before, after) in changes.items()), wanted.name)
