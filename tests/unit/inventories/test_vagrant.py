"""Machines of Vagrant, from a stand-in that takes the words it documents."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ropewalk.api.inventory import Inventory
from ropewalk.model.errors import InventoryError

STATUS = """\
1700000000,web,metadata,provider,virtualbox
1700000000,web,state,running
1700000000,web,state-human-short,running
1700000000,,ui,info,Current machine states:\\n\\nweb running%!(VAGRANT_COMMA) db off
1700000000,db,state,poweroff
1700000000,two,state,running
"""

CONFIG = """\
Host {name}
  HostName 127.0.0.1
  User vagrant
  Port {port}
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  PasswordAuthentication no
  IdentityFile "/my keys/{name}"
  IdentityFile /second
  IdentitiesOnly yes

"""

VAGRANT = """#!/bin/sh
case "$*" in
    "status --machine-readable") /bin/cat status;;
    "ssh-config "*) [ -e "config-$2" ] || { echo "$2 is not ready" >&2; exit 1; }; /bin/cat "config-$2";;
    *) echo "unknown words: $*" >&2; exit 1;;
esac
"""


@pytest.fixture
def vagrant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "vagrant").write_text(VAGRANT)
    (tmp_path / "vagrant").chmod(0o755)
    (tmp_path / "status").write_text(STATUS)
    for name, port in (("web", 2222), ("two", 2200)):
        (tmp_path / f"config-{name}").write_text(CONFIG.format(name=name, port=port))
    return tmp_path


def names(address: str) -> list[str]:
    return [host.name for host in Inventory(([address], {}))]


def test_those_that_run_are_hosts(vagrant: Path) -> None:
    assert names("@vagrant") == ["@vagrant/web", "@vagrant/two"]
    [host] = list(Inventory((["@vagrant/web"], {})))
    assert (host.name, host.scheme, host.groups) == ("@vagrant/web", "ssh", ["all", "@vagrant"])
    assert host.data.dict() == {
        "ssh_hostname": "127.0.0.1", "ssh_user": "vagrant", "ssh_port": 2222, "ssh_key": "/my keys/web",
        "ssh_known_hosts_file": "/dev/null", "ssh_strict_host_key_checking": "no",
    }  # fmt: skip


def test_a_file_says_more_of_them(vagrant: Path) -> None:
    options = {"data": {"web": {"ssh_user": "me", "x": 1}}, "groups": {"web": ["front", "@vagrant"]}}
    (vagrant / "@vagrant.json").write_text(json.dumps(options))
    web, two = Inventory((["@vagrant"], {}))
    assert (web.data.ssh_user, web.data.x, two.data.ssh_user) == ("me", 1, "vagrant")
    assert (web.groups, two.groups) == (["all", "front", "@vagrant"], ["all", "@vagrant"])


@pytest.mark.parametrize("text", ["{", "[]", '{"data": []}', '{"data": {"web": 3}}', '{"groups": {"web": "front"}}'])
def test_a_file_that_cannot_be_read_is_told(vagrant: Path, text: str) -> None:
    (vagrant / "@vagrant.json").write_text(text)
    with pytest.raises(InventoryError, match=r"^@vagrant\.json "):
        names("@vagrant")


@pytest.mark.parametrize(
    ("address", "says", "hint"),
    [
        ("@vagrant/db", "the machine db of Vagrant does not run (poweroff)", "start it: vagrant up db"),
        ("@vagrant/wbe", "there is no machine wbe in Vagrant here", "did you mean web?"),
    ],
)
def test_one_that_does_not_run(vagrant: Path, address: str, says: str, hint: str) -> None:
    with pytest.raises(InventoryError) as caught:
        names(address)
    assert (str(caught.value), caught.value.hint) == (says, hint)


def test_none_runs(vagrant: Path) -> None:
    (vagrant / "status").write_text("1700000000,db,state,poweroff\n")
    with pytest.raises(InventoryError, match="no machine of Vagrant runs here"):
        names("@vagrant")


def test_vagrant_fails_or_is_missing(vagrant: Path) -> None:
    (vagrant / "config-two").unlink()
    with pytest.raises(InventoryError, match=r"vagrant ssh-config two failed in .*: two is not ready"):
        names("@vagrant")
    (vagrant / "vagrant").unlink()
    with pytest.raises(InventoryError, match="cannot run vagrant status"):
        names("@vagrant")
