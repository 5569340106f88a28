"""Sample inventories of Ansible resolve to what ``ansible-inventory --list`` says of them."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ropewalk.inventories.ansible.connector import listed, read
from ropewalk.inventories.ansible.hosts import hosts_of
from ropewalk.inventories.ansible.variables import Variables

ROOT = Path(__file__).parents[3]
_spec = importlib.util.spec_from_file_location("gen_ansible_expected", ROOT / "tools" / "gen_ansible_expected.py")
assert _spec is not None
assert _spec.loader is not None
tool = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)

#: The program may be outside of PATH, in an environment of its own.
PROGRAM = os.environ.get("ANSIBLE_INVENTORY_PROGRAM") or shutil.which("ansible-inventory")

needs_ansible = pytest.mark.skipif(PROGRAM is None, reason="needs ansible-inventory (ansible-core)")


def resolved(sample: str, monkeypatch: pytest.MonkeyPatch) -> Variables:
    monkeypatch.chdir(tool.SAMPLES / sample)
    return read([Path(tool.SOURCES[sample])], Path.cwd())


def as_ansible_prints(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def plain(value: Any) -> Any:
    """Return what Ansible prints without its marks of what is no template."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else {k: plain(v) for k, v in value.items()}


def expected_of(sample: str) -> Any:
    return plain(json.loads((tool.EXPECTED / f"{sample}.json").read_text()))


def members(document: Mapping[str, Any], group: str) -> set[str]:
    said = document.get(group, {})
    return set(said.get("hosts", [])).union(*(members(document, child) for child in said.get("children", [])))


def test_every_sample_is_listed() -> None:
    assert {path.name for path in tool.SAMPLES.iterdir()} == set(tool.SOURCES)
    assert {path.stem for path in tool.EXPECTED.iterdir()} == set(tool.SOURCES)


@pytest.mark.parametrize("sample", tool.SOURCES)
def test_hosts_groups_and_variables_are_those_of_ansible(sample: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = expected_of(sample)
    found = resolved(sample, monkeypatch)
    assert members(expected, "all") == set(found.groups)
    assert {host: as_ansible_prints(data) for host, data in found.exact.items() if data} == expected["_meta"][
        "hostvars"
    ]
    groups = {name: {host for host, of in found.groups.items() if name in dict(of)} for name in found.shared}
    named = {name: members(expected, name) for name in expected if name not in ("_meta", "all")}
    assert {name: hosts for name, hosts in groups.items() if hosts and name != "all"} == {
        name: hosts for name, hosts in named.items() if hosts
    }


@pytest.mark.parametrize("sample", tool.SOURCES)
def test_the_data_of_hosts_comes_to_the_same(sample: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups and hosts have their own data here: put together they are what Ansible resolves."""
    from ropewalk.api.inventory import Inventory

    expected = expected_of(sample)["_meta"]["hostvars"]
    monkeypatch.chdir(tool.SAMPLES / sample)
    for host in Inventory(([f"@ansible/{tool.SOURCES[sample]}"], {})):
        said = {key: value for key, value in host.data.dict().items() if not key.startswith(("ssh_", "_"))}
        data = {key: as_ansible_prints(value) for key, value in said.items()}
        assert data == expected.get(host.name, {})


@needs_ansible
@pytest.mark.parametrize("sample", tool.SOURCES)
def test_what_is_expected_is_what_ansible_says(sample: str) -> None:
    assert tool.said(PROGRAM, sample) == (tool.EXPECTED / f"{sample}.json").read_text()


@needs_ansible
@pytest.mark.parametrize("sample", ["ini_basic", "ini_nested", "ini_priority", "vars_files", "directory"])
def test_through_the_program_the_hosts_are_the_same(sample: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(str(PROGRAM)).parent}:{os.environ['PATH']}")
    own = hosts_of(resolved(sample, monkeypatch))
    said = hosts_of(listed([tool.SOURCES[sample]]))
    assert {host.name: dict(host.defaults) for host in said} == {host.name: dict(host.defaults) for host in own}
    assert {host.name: set(host.groups) for host in said} == {host.name: set(host.groups) for host in own}
