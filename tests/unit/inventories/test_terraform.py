"""Hosts in the outputs of Terraform: from documents, from stand-ins, and from the real program."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.inventory import Inventory
from ropewalk.inventories.terraform import hosts_of
from ropewalk.model.errors import InventoryError

OUTPUTS = {
    "pyinfra_inventory": {
        "value": {"web": ["192.0.2.1", {"name": "two", "ssh_hostname": "192.0.2.2", "ssh_port": 22}]},
    },
    "ips": {"value": {"deep.er": {"list": ["a"]}, "all": ["b"]}},
    "flat": {"value": ["a", {"name": "only-named"}]},
}  # fmt: skip


def found(key: str, outputs: Any = OUTPUTS) -> list[tuple[str, Any, tuple[str, ...]]]:
    return [(target.name, target.data, target.groups) for target in hosts_of(outputs, key)]


def test_maps_of_lists_are_groups() -> None:
    two = {"ssh_hostname": "192.0.2.2", "ssh_port": 22}
    assert found("pyinfra_inventory.value") == [
        ("@terraform/192.0.2.1", {"ssh_hostname": "192.0.2.1"}, ("@terraform", "web")),
        ("@terraform/two", two, ("@terraform", "web")),
    ]


def test_lists_are_hosts_and_a_name_alone_is_an_address() -> None:
    assert found("ips.value.deep.er") == [("@terraform/a", {"ssh_hostname": "a"}, ("@terraform", "list"))]
    assert found("ips.value.all") == [("@terraform/b", {"ssh_hostname": "b"}, ("@terraform",))]
    assert found("flat.value")[1] == ("@terraform/only-named", {"ssh_hostname": "only-named"}, ("@terraform",))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("192.0.2.1", "holds no list but a str"),
        (None, "holds no list but a NoneType"),
        ({"web": "192.0.2.1"}, "web in the Terraform output o.value is no list"),
        ([3], "holds a int that names no host"),
        ([{"ssh_password": "hush"}], "holds a dict that names no host"),
        ([""], "names no host"),
        ([{"name": 3}], "names no host"),
    ],
)
def test_what_holds_no_hosts_is_refused(value: Any, says: str) -> None:
    with pytest.raises(InventoryError, match=says) as caught:
        hosts_of({"o": {"value": value}}, "o.value")
    assert "hush" not in str(caught.value)


def test_an_output_that_is_not_there() -> None:
    with pytest.raises(InventoryError) as caught:
        hosts_of(OUTPUTS, "flta.value")
    assert caught.value.hint == "did you mean flat.value?"
    with pytest.raises(InventoryError) as caught:
        hosts_of({}, "flat.value")
    assert caught.value.hint == "there are no outputs: has it been applied?"


def stand_in(directory: Path, name: str, text: str, status: int = 0) -> None:
    (directory / "said").write_text(text)
    test = '[ "$*" = "output -no-color -json" ] || { echo "unknown words: $*" >&2; exit 1; }'
    said = f"/bin/cat {directory}/said" + (" >&2" if status else "")
    (directory / name).write_text(f"#!/bin/sh\n{test}\n{said}\nexit {status}\n")
    (directory / name).chmod(0o755)


@pytest.mark.parametrize("program", ["terraform", "tofu"])
def test_either_program_is_asked(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    stand_in(tmp_path, program, json.dumps(OUTPUTS))
    inventory = Inventory((["@terraform"], {}))
    assert [(host.name, host.scheme) for host in inventory] == [
        ("@terraform/192.0.2.1", "ssh"), ("@terraform/two", "ssh")
    ]  # fmt: skip
    assert [host.name for host in inventory.groups["web"]] == ["@terraform/192.0.2.1", "@terraform/two"]


@pytest.mark.parametrize(
    ("text", "status", "says"),
    [
        ("no backend", 1, "terraform output -no-color -json failed in .*: no backend"),
        ("{", 0, "is not JSON"),
        ("[]", 0, "is not a map of outputs"),
    ],
)
def test_a_program_that_fails(
    text: str, status: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    stand_in(tmp_path, "terraform", text, status)
    with pytest.raises(InventoryError, match=says):
        Inventory((["@terraform/x"], {}))


def test_a_program_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InventoryError, match="cannot run terraform output") as caught:
        Inventory((["@terraform"], {}))
    assert caught.value.hint == "install terraform, or put it into PATH"


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs terraform")
def test_the_real_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hosts = '{ web = ["192.0.2.1", { name = "two", ssh_hostname = "192.0.2.2", ssh_port = 2222 }] }'
    (tmp_path / "main.tf").write_text(f'output "pyinfra_inventory" {{ value = {hosts} }}\n')
    for words in (["init"], ["apply", "-auto-approve"]):
        subprocess.run(["terraform", *words], check=True, capture_output=True)
    inventory = Inventory((["@terraform"], {}))
    assert {host.name: host.data.dict() for host in inventory} == {
        "@terraform/192.0.2.1": {"ssh_hostname": "192.0.2.1"},
        "@terraform/two": {"ssh_hostname": "192.0.2.2", "ssh_port": 2222},
    }


def document(kind: str) -> Any:
    return {
        "output": OUTPUTS,
        "show": {"format_version": "1.0", "terraform_version": "1.9.0", "values": {"outputs": OUTPUTS}},
        "state": {"version": 4, "serial": 3, "terraform_version": "1.9.0", "outputs": OUTPUTS, "resources": []},
    }[kind]


@pytest.mark.parametrize("kind", ["output", "show", "state"])
def test_a_file_is_read_without_the_program(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "said.json").write_text(json.dumps(document(kind)))
    (tmp_path / "terraform.tfstate").write_text(json.dumps(document(kind)))
    assert [host.name for host in Inventory((["@terraform/said.json"], {}))] == [
        "@terraform/192.0.2.1", "@terraform/two"
    ]  # fmt: skip
    absolute = Inventory(([f"@terraform/{tmp_path}/terraform.tfstate:flat.value"], {}))
    assert [host.name for host in absolute] == ["@terraform/a", "@terraform/only-named"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "said.json cannot be read: No such file"),
        ("{", "said.json is not JSON"),
        ("[]", "said.json is not a map of outputs"),
        ('{"format_version": "1.0", "planned_values": {}}', "said.json is a plan"),
        ('{"version": 3, "serial": 1, "outputs": {}}', "said.json is a state in an old format"),
        ('{"format_version": "1.0"}', "Terraform has no output pyinfra_inventory.value"),
    ],
)
def test_a_file_that_holds_no_outputs(
    text: str | None, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / "said.json").write_text(text)
    with pytest.raises(InventoryError, match=says):
        Inventory((["@terraform/said.json"], {}))
