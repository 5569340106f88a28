"""Where groups and data come from: files with lines, options, connectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ropewalk.api.inventory import Inventory
from ropewalk.cli.main import main
from ropewalk.inventories import load_inventory
from ropewalk.inventories.blame import blame
from ropewalk.model.sourced import Sourced

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schema" / "run.json").read_text())

INVENTORY = """\
    web = [
        "web1",
        ("web2", {"port": 81,
                  "tls": True}),
    ]
    db = (["db1", *["web1"]], {
        "engine": "pg",
    })
    made = [f"x{number}" for number in (1, 2)]
"""


def data(inventory: Inventory, host: str) -> dict[str, list[tuple[str, str]]]:
    said = blame(inventory.get_host(host))["data"]
    return {key: [(place["of"], place["where"]) for place in places] for key, places in said.items()}


def groups(inventory: Inventory, host: str) -> dict[str, str]:
    return dict(blame(inventory.get_host(host))["groups"])


def test_files_of_python(write: Any) -> None:
    write("inventory.py", INVENTORY)
    write("group_data/web.py", "a = 1\nport = 1\n\nif a:\n    port = 2\n")
    write("group_data/all.py", "port = 3")
    inventory = load_inventory("inventory.py", cwd=write.cwd, override=Sourced({"port": 9}, "--data"))
    assert data(inventory, "web2") == {
        "port": [("command line", "--data"), ("host", "inventory.py:3"), ("group web", "group_data/web.py:5"),
                 ("group all", "group_data/all.py:1")],
        "tls": [("host", "inventory.py:4")], "a": [("group web", "group_data/web.py:1")],
    }  # fmt: skip
    assert data(inventory, "db1")["engine"] == [("group db", "inventory.py:7")]
    assert groups(inventory, "web1") == {
        "all": "inventory.py:2", "web": "inventory.py:2", "db": "inventory.py:6", "inventory": "inventory.py:2"
    }  # fmt: skip
    assert groups(inventory, "x1")["made"] == "inventory.py:9"


def test_the_command_line_connectors_and_chains(write: Any) -> None:
    inventory = load_inventory("root@web1,@ssh/gate/@docker/box", cwd=write.cwd)
    assert groups(inventory, "root@web1") == {"all": "the command line"}
    assert data(inventory, "root@web1") == {
        "ssh_user": [("host", "its name")], "ssh_hostname": [("host", "its name")]
    }  # fmt: skip
    behind = "@ssh/gate/@docker/box"
    assert groups(inventory, behind) == {"all": "the command line", "@docker": "the connector @docker"}
    assert data(inventory, behind) == {
        "docker_identifier": [("host", "the connector @docker")], "via": [("host", "the chain")]
    }  # fmt: skip


def test_modules(write: Any) -> None:
    write("blamed.py", "hosts = {'web': (['web1'], {'a': 1})}")
    inventory = load_inventory("blamed:hosts", cwd=write.cwd)
    assert (data(inventory, "web1"), groups(inventory, "web1")["web"]) == (
        {"a": [("group web", "blamed:hosts")]},
        "blamed:hosts",
    )


def test_inventories_of_ansible(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write.cwd)
    write("hosts", "[web]\nweb1 a=1\n[site:children]\nweb\n[web:vars]\nb=2\nc=2\n[all:vars]\nansible_user=me\n")
    write("group_vars/all.yml", "c: 3\nd: 4")
    write("host_vars/web1/x.yml", "# nothing\n\ne: 5")
    inventory = load_inventory("@ansible/hosts", cwd=write.cwd)
    assert groups(inventory, "web1") == {"all": "the command line", "site": "hosts:2", "web": "hosts:2"}
    assert data(inventory, "web1") == {
        "a": [("host", "hosts:2")], "b": [("group web", "hosts:6")], "e": [("host", "host_vars/web1/x.yml:3")],
        # Ansible lets group_vars/all win over what the inventory itself says of a group.
        "c": [("host", "group_vars/all.yml:1"), ("group web", "hosts:7"), ("source", "group_vars/all.yml:1")],
        "d": [("source", "group_vars/all.yml:2")], "ansible_user": [("source", "hosts:9")],
        "ssh_user": [("source", "hosts:9 (ansible_user)")],
    }  # fmt: skip


def test_documents(write: Any) -> None:
    write("i.toml", 'data.a = 1\n[hosts.web1]\nb = 2\n[groups.web]\nhosts = ["web1"]\n[groups.web.data]\nc = 3\n')
    inventory = load_inventory("i.toml", cwd=write.cwd)
    assert data(inventory, "web1") == {
        "a": [("group all", "i.toml:1")], "b": [("host", "i.toml:3")], "c": [("group web", "i.toml:7")]
    }  # fmt: skip
    assert groups(inventory, "web1") == {"all": "i.toml:2", "web": "i.toml:5", "i": "i.toml:2"}


def test_what_no_file_says() -> None:
    inventory = Inventory((["web1"], {"a": 1}), {"b": 2}, web=(["web1"], {}))
    assert data(inventory, "web1") == {"a": [("group all", "this program")], "b": [("command line", "this program")]}
    assert set(groups(inventory, "web1")) == {"all", "web"}


def test_layers_are_those_that_data_is_looked_for_in(write: Any) -> None:
    write("inventory.py", INVENTORY)
    inventory = load_inventory("inventory.py", cwd=write.cwd, override={"port": 1})
    for host in inventory:
        assert set(data(inventory, host.name)) == set(host.data.dict())


@pytest.fixture
def here(write: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(write.cwd)
    monkeypatch.syspath_prepend(str(write.cwd))  # as the command line does
    write("inventory.py", INVENTORY)
    write("group_data/web.py", "password = 'hush'\nport = 2")
    return write


def test_the_command_says_it_to_people(here: Any, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["inventory.py", "debug-inventory", "--blame", "--limit", "web2", "--data", "x=1", "--ssh-user", "me"]
    assert main(words) == 0
    assert capfd.readouterr().out.splitlines() == [
        "web2",
        "  group all  # inventory.py:3",
        "  group web  # inventory.py:3",
        "  group inventory  # inventory.py:3",
        "  password = '*****'  # group web, group_data/web.py:1",
        "  port = 81  # host, inventory.py:3; not group web, group_data/web.py:2",
        "  ssh_user = 'me'  # command line, --ssh-user",
        "  tls = True  # host, inventory.py:4",
        "  x = 1  # command line, --data",
    ]


def test_the_command_says_it_to_programs(here: Any, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--json", "inventory.py", "debug-inventory", "--blame", "--limit", "web2"]) == 0
    document = json.loads(capfd.readouterr().out)
    jsonschema.validate(document, SCHEMA)
    [host] = document["inventory"]
    assert host["blame"]["data"]["port"] == [
        {"of": "host", "where": "inventory.py:3"}, {"of": "group web", "where": "group_data/web.py:2"}
    ]  # fmt: skip
    assert host["blame"]["groups"]["web"] == "inventory.py:3"


def test_elsewhere_the_option_is_an_error(here: Any, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--blame", "@local", "exec", "--", "true"]) == 2
    assert "--blame has no effect without debug-inventory" in capfd.readouterr().err
