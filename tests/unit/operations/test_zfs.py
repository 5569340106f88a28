"""zfs.dataset and its kin: what is made, changed, destroyed and refused."""

from __future__ import annotations

import pytest

from ropewalk.facts.zfs import ZfsDataset
from ropewalk.model.command import Change
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import zfs
from ropewalk.operations.zfs.properties import differing, size_in_bytes, spelled
from ropewalk.testing import evaluate

GIB = 1024**3


def run(operation, name, *args, have=None, **kwargs):
    done = evaluate(operation, name, *args, facts={ZfsDataset: {} if have is None else {name: have}}, **kwargs)
    return [step if isinstance(step, Change) else str(step) for step in done.steps]


@pytest.mark.parametrize(
    ("operation", "args", "kwargs", "command"),
    [
        (zfs.dataset, ("t/a",), {}, "zfs create t/a"),
        (zfs.dataset, ("t/a",), {"recursive": True, "properties": {"atime": False}, "quota": "1G"},
         "zfs create -o atime=off -o quota=1G -p t/a"),
        (zfs.dataset, ("t/v",), {"volume_size": "1G", "sparse": True}, "zfs create -s -V 1G t/v"),
        (zfs.dataset, ("t/a@s",), {}, "zfs snapshot t/a@s"),
        (zfs.filesystem, ("t/a b",), {"mountpoint": "/a b"}, "zfs create -o 'mountpoint=/a b' 't/a b'"),
        (zfs.volume, ("t/v", 1024), {}, "zfs create -V 1024 t/v"),
        (zfs.snapshot, ("t@s",), {"recursive": True, "properties": {"org.example:why": "it's"}},
         "zfs snapshot -o 'org.example:why=it'\"'\"'s' -r t@s"),
    ],
)  # fmt: skip
def test_making(operation, args, kwargs, command):
    assert run(operation, *args, **kwargs) == [command]


@pytest.mark.parametrize(
    ("operation", "args", "have"),
    [
        (zfs.dataset, ("t/a",), {"type": "filesystem"}),
        (zfs.filesystem, ("t/a",), {"type": "filesystem"}),
        (zfs.volume, ("t/v", "1G"), {"type": "volume", "volsize": str(GIB)}),
        (zfs.snapshot, ("t@s",), {"type": "snapshot"}),
    ],
)
def test_what_is_there_stays_and_what_goes_goes(operation, args, have):
    assert run(operation, *args, have=have) == []
    name = args[0]
    assert run(operation, *args, have=have, present=False) == [f"zfs destroy {name}"]
    assert run(operation, *args, have=have, present=False, recursive=True) == [f"zfs destroy -r {name}"]
    assert run(operation, *args, present=False) == []


def test_properties_are_set_together():
    have = {"type": "filesystem", "quota": str(GIB), "atime": "on", "compression": "off"}
    assert run(zfs.filesystem, "t/a", have=have, quota="1G", atime=False, compression="zstd") == [
        Change("atime", "on", "off"),
        Change("compression", "off", "zstd"),
        "zfs set atime=off compression=zstd t/a",
    ]


def test_volumes_grow_and_never_shrink():
    have = {"type": "volume", "volsize": str(GIB)}
    assert run(zfs.volume, "t/v", "2G", have=have) == [Change("volsize", str(GIB), "2G"), "zfs set volsize=2G t/v"]
    for size in ("1023M", 5):
        with pytest.raises(OperationError, match="would destroy what is at its end"):
            run(zfs.volume, "t/v", size, have=have)


@pytest.mark.parametrize(
    ("operation", "args", "kind"),
    [
        (zfs.filesystem, ("t/v",), "volume"),
        (zfs.volume, ("t/a", "1G"), "filesystem"),
        (zfs.dataset, ("t/a", True, False, False, "1G"), "filesystem"),
    ],
)
def test_something_else_is_there(operation, args, kind):
    with pytest.raises(OperationError, match=f"is a {kind}, not a"):
        run(operation, *args, have={"type": kind})


def test_a_dataset_of_any_kind():
    have = {"type": "volume", "volsize": str(GIB), "compression": "off"}
    assert run(zfs.dataset, "t/v", have=have, compression="lz4") == [
        Change("compression", "off", "lz4"),
        "zfs set compression=lz4 t/v",
    ]
    assert run(zfs.dataset, "t/v", have=have, present=False) == ["zfs destroy t/v"]
    assert run(zfs.dataset, "t/v", have={"type": "filesystem"}, volume_size="1G", present=False) == ["zfs destroy t/v"]


def test_sizes_are_those_of_whole_blocks():
    have = {"type": "volume", "volsize": "1007616", "volblocksize": "8192"}
    assert run(zfs.volume, "t/v", 1000000, have=have) == []
    assert run(zfs.volume, "t/v", 1007617, have=have)[1:] == ["zfs set volsize=1015808 t/v"]
    with pytest.raises(OperationError, match="would destroy what is at its end"):
        run(zfs.volume, "t/v", 999424, have=have)


@pytest.mark.parametrize("name", ["", "-r", "/t", "t//a", "t/a/", "t;x", "t\n", "t@", "t@a@b", "$(x)"])
def test_names_that_are_none(name):
    with pytest.raises(OperationValueError, match="is not the name of a"):
        run(zfs.dataset, name)


@pytest.mark.parametrize(
    ("operation", "args", "kwargs"),
    [
        (zfs.snapshot, ("t/a",), {}),
        (zfs.filesystem, ("t@s",), {}),
        (zfs.volume, ("t/v", "big"), {}),
        (zfs.dataset, ("t/a",), {"properties": {"a=b": 1}}),
        (zfs.dataset, ("t/a",), {"properties": {"-o": 1}}),
        (zfs.dataset, ("t/a",), {"quota": None}),
        (zfs.dataset, ("t/a",), {"sparse": True}),
        (zfs.dataset, ("t/a@s",), {"volume_size": "1G"}),
    ],
)
def test_what_cannot_be(operation, args, kwargs):
    with pytest.raises(OperationValueError):
        run(operation, *args, **kwargs)


@pytest.mark.parametrize(
    ("text", "size"),
    [("10", 10), ("10B", 10), ("1K", 1024), ("1k", 1024), ("1KiB", 1024), ("1.5G", GIB * 3 // 2), ("2TB", 2048 * GIB),
     ("lz4", None), ("", None), ("-1", None), ("1.5", None)],
)  # fmt: skip
def test_sizes(text, size):
    assert size_in_bytes(text) == size


@pytest.mark.parametrize(
    ("have", "wanted", "same"),
    [("on", "on", True), ("0", "none", True), ("none", "0", True), (str(GIB), "1024M", True), (str(GIB), "1G", True),
     (str(GIB), "2G", False), ("on", "off", False), ("lz4", "zstd", False)],
)  # fmt: skip
def test_values_that_say_the_same(have, wanted, same):
    assert (differing({"p": have}, {"p": wanted}) == {}) is same


@pytest.mark.parametrize(
    ("name", "have", "wanted", "same"),
    [
        ("acltype", "posix", "posixacl", True), ("acltype", "posixacl", "posixacl", True),
        ("acltype", "off", "noacl", True), ("acltype", "off", "posixacl", False),
        ("compression", "gzip", "gzip-6", True), ("compression", "lz4", "on", False),
        ("aclinherit", "restricted", "secure", True), ("volmode", "full", "geom", True),
        ("encryption", "aes-256-gcm", "on", True), ("encryption", "off", "on", False),
        ("xattr", "sa", "on", True), ("xattr", "on", "dir", True), ("xattr", "dir", "on", True),
        ("xattr", "on", "sa", False), ("xattr", "off", "on", False),
        ("snapshot_limit", "18446744073709551615", "none", True),
    ],
)  # fmt: skip
def test_names_of_values(name, have, wanted, same):
    assert (differing({name: have}, {name: wanted}) == {}) is same


def test_spelling():
    assert spelled({"a": True, "b": 1}, {"c": False, "b": "x"}) == {"a": "on", "b": "x", "c": "off"}
    assert differing({}, {"a": "1"}) == {"a": (None, "1")}
