"""Recorded output of programs that this system has not: EFI, LXD, OpenVZ, ZFS, FreeBSD; and of ssh-keygen."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from fact_reader import ReadFailed

from ropewalk.api.context import current_host
from ropewalk.facts.efibootmgr import EFIBootMgr
from ropewalk.facts.files import Directory
from ropewalk.facts.freebsd import PkgPackage, ServiceScript, ServiceStatus, Sysrc
from ropewalk.facts.lxd import LxdContainers
from ropewalk.facts.server import Os
from ropewalk.facts.ssh import KnownKeys, OfferedHostKeys
from ropewalk.facts.vzctl import OpenvzContainers
from ropewalk.facts.zfs import ZfsDataset, ZfsDatasets, ZfsFilesystems, ZfsPools, ZfsSnapshots, ZfsVolumes
from ropewalk.testing import evaluate


def stub(read, tmp_path, name, text):
    (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
    (tmp_path / name).chmod(0o755)
    if str(tmp_path) not in read.env["PATH"]:
        read.env["PATH"] = f"{tmp_path}:{read.env['PATH']}"


def test_efi(process):
    text = (
        "BootNext: 0003\nBootCurrent: 000A\nTimeout: 1 seconds\nBootOrder: 000A,0002\n"
        "Boot000A* debian\tHD(1,GPT,aaa)/File(\\EFI\\debian\\shimx64.efi)\nBoot0002  UEFI: PXE\n"
        "MirroredPercentageAbove4G: 0.00\n"
    )
    assert process(EFIBootMgr, text) == {
        "BootNext": 3, "BootCurrent": 10, "Timeout": 1, "BootOrder": [10, 2],
        "Entries": {10: (True, "debian\tHD(1,GPT,aaa)/File(\\EFI\\debian\\shimx64.efi)"), 2: (False, "UEFI: PXE")},
    }  # fmt: skip


def test_efi_without_an_order(process):
    value = process(EFIBootMgr, "BootCurrent: 0001\nNo BootOrder is set; firmware will attempt recovery\n")
    assert (value["BootCurrent"], value["BootOrder"], value["BootNext"]) == (1, None, None)
    assert process(EFIBootMgr, "EFI variables are not supported on this system.") is None


def test_lxd(process):
    assert process(LxdContainers, '[{"name":"a",\n"status":"Running"}]') == [{"name": "a", "status": "Running"}]


def test_openvz(process):
    text = '[{"ctid": 101, "hostname": "a", "status": "running"}, {"ctid": "b-c", "status": "stopped"}]'
    assert process(OpenvzContainers, text) == {
        101: {"hostname": "a", "status": "running"},
        "b-c": {"status": "stopped"},
    }


ZFS = """tank\ttype\tfilesystem\t-
tank\tmountpoint\t/tank\tdefault
tank\torg.example:note\ta\tb\tlocal
tank/v\ttype\tvolume\t-
tank@s\ttype\tsnapshot\t-
"""


def test_zfs(process):
    datasets = process(ZfsDatasets, ZFS)
    assert datasets["tank"] == {"type": "filesystem", "mountpoint": "/tank", "org.example:note": "a\tb"}
    for fact, name in ((ZfsFilesystems, "tank"), (ZfsVolumes, "tank/v"), (ZfsSnapshots, "tank@s")):
        assert list(fact().process_data(datasets)) == [name]
    assert process(ZfsPools, "tank\tsize\t1.9G\t-\ntank\thealth\tONLINE\t-") == {
        "tank": {"size": "1.9G", "health": "ONLINE"}
    }


@pytest.mark.parametrize(
    ("system", "module", "met"),
    [("Linux", None, False), ("Linux", {"mode": 755}, True), ("FreeBSD", None, True)],
)
def test_zfs_needs_its_kernel_module(system, module, met):
    reasons = []

    class Probe:
        """Stands for an operation, to have a host with facts."""

        @staticmethod
        def _inner():
            host = current_host.get()
            reasons.append(ZfsDatasets().check_preconditions(None, host))
            yield from ()

    evaluate(Probe, facts={Os: system, Directory: module})
    assert (reasons == [None]) is met


def test_one_dataset(read, tmp_path):
    stub(
        read,
        tmp_path,
        "zfs",
        """case "$6" in
"tank/a b") printf 'tank/a b\\tquota\\t1073741824\\tlocal\\n' ;;
denied) echo "cannot open 'denied': permission denied" >&2; exit 1 ;;
*) echo "cannot open '$6': dataset does not exist" >&2; exit 1 ;; esac""",
    )
    assert read(ZfsDataset, "tank/a b") == {"tank/a b": {"quota": "1073741824"}}
    assert read(ZfsDataset, "tank/$(touch x)") == {}
    with pytest.raises(ReadFailed, match="permission denied"):
        read(ZfsDataset, "denied")


def test_freebsd_services(read, tmp_path):
    stub(
        read,
        tmp_path,
        "service",
        """[ "$1" = -j ] && { [ "$2" = web ] || { echo no jail >&2; exit 1; }; shift 2; }
case "$*" in -l) printf 'sshd\\nn.ginx\\n' ;; "sshd onestatus") echo runs ;; *) exit 1 ;; esac""",
    )
    assert read(ServiceScript, "sshd") == read(ServiceScript, "sshd", "web") == "sshd"
    assert read(ServiceScript, "ssh") is read(ServiceScript, "nxginx") is read(ServiceScript, "-v") is None
    assert read(ServiceStatus, "sshd") == read(ServiceStatus, "sshd", "web") == "running"
    assert read(ServiceStatus, "n.ginx") is None
    with pytest.raises(ReadFailed, match="no jail"):
        read(ServiceScript, "sshd", "mail")


def test_freebsd_settings(read, tmp_path):
    stub(
        read,
        tmp_path,
        "sysrc",
        """[ "$1" = -j ] && { [ "$2" = web ] || { echo no jail >&2; exit 1; }; shift 2; }
[ "$*" = "-i -n -- sshd_enable" ] && echo YES""",
    )
    assert read(Sysrc, "sshd_enable") == read(Sysrc, "sshd_enable", "web") == "YES"
    assert read(Sysrc, "nginx_enable") is None
    with pytest.raises(ReadFailed, match="no jail"):
        read(Sysrc, "sshd_enable", "mail")


@pytest.mark.parametrize("status", [1, 70])
def test_freebsd_packages(read, tmp_path, status):
    stub(
        read,
        tmp_path,
        "pkg",
        f"""[ "$1" = -j ] && {{ [ "$2" = web ] || exit 75; shift 2; }}
[ "$*" = "info -E -- nginx" ] && echo nginx-1.26.2 || exit {status}""",
    )
    assert read(PkgPackage, "nginx") == read(PkgPackage, "nginx", "web") == "nginx-1.26.2"
    assert read(PkgPackage, "a b") is None
    with pytest.raises(ReadFailed):
        read(PkgPackage, "nginx", "mail")


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILkMBBcxRkoVTDW1TJI6zY3Iwi0Ac/pSrWzO5PE/HXOv"
OTHER = KEY.replace("ILkM", "ILkN")


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")
@pytest.mark.parametrize("hashed", [False, True])
def test_known_hosts(read, tmp_path, hashed):
    read.env["HOME"] = str(tmp_path)
    assert read(KnownKeys, "a.example") == set()
    (tmp_path / ".ssh").mkdir()
    known = tmp_path / ".ssh" / "known_hosts"
    known.write_text(f"# note\na.example,192.0.2.7 {KEY}\n[a.example]:2222 {OTHER}\n@revoked b.example {KEY}\n")
    if hashed:
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", known], check=True, capture_output=True)
    assert read(KnownKeys, "a.example") == read(KnownKeys, "192.0.2.7") == {KEY}
    assert read(KnownKeys, "a.example", 2222) == {OTHER}
    assert read(KnownKeys, "b.example") == read(KnownKeys, "example") == read(KnownKeys, "a.example", 23) == set()


def test_offered_keys(read, tmp_path):
    stub(
        read,
        tmp_path,
        "ssh-keyscan",
        f"""[ "$*" = "-p 2222 -- a.example" ] || exit 1
echo "# a.example:2222 SSH-2.0" >&2; echo "# noise"; echo "[a.example]:2222 {KEY}" """,
    )
    assert read(OfferedHostKeys, "a.example", 2222) == [f"[a.example]:2222 {KEY}"]
    assert read(OfferedHostKeys, "b.example") == []
