"""Inventories that are YAML or TOML: what they may say, and where they say what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ropewalk.inventories import load_inventory
from ropewalk.inventories.document import GROUP_PARTS, PARTS
from ropewalk.inventories.toml_text import read_toml
from ropewalk.inventories.yaml_text import read_yaml
from ropewalk.model.errors import InventoryError, LoadError, UsageError

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schema" / "inventory.json").read_text())

YAML = """
    data: {ntp: ntp.example.com}
    hosts:
      web1: {port: 8080}
      "@local":
    groups:
      web:
        hosts: [web1, web2]
        data: {port: 80, tls: true}
      site:
        children: [web]
        data: {port: 1, place: here}
      db:
        hosts: {db1: {engine: pg}}
"""
TOML = """
    [data]
    ntp = "ntp.example.com"

    [hosts.web1]
    port = 8080
    [hosts."@local"]

    [groups.web]
    hosts = [
        "web1",  # the first
        "web2",
    ]
    data = {port = 80, tls = true}

    [groups.site]
    children = ["web"]
    data.port = 1
    data.place = "here"

    [groups.db.hosts.db1]
    engine = "pg"
"""


@pytest.mark.parametrize(("name", "text"), [("inv.yaml", YAML), ("inv.yml", YAML), ("inv.toml", TOML)])
def test_both_say_the_same(write: Any, name: str, text: str) -> None:
    write(name, text)
    write("group_data/web.py", "level = 3")
    write("group_data/inv.py", "named = 'after the file'")
    inventory = load_inventory(name, cwd=write.cwd)
    everywhere = {"ntp": "ntp.example.com", "named": "after the file"}
    assert {host.name: host.data.dict() for host in inventory} == {
        "web1": {**everywhere, "port": 8080, "tls": True, "place": "here", "level": 3},
        "@local": everywhere,
        "web2": {**everywhere, "port": 80, "tls": True, "place": "here", "level": 3},
        "db1": {**everywhere, "engine": "pg"},
    }  # fmt: skip
    assert {name: [host.name for host in hosts] for name, hosts in inventory.groups.items()} == {
        "all": ["web1", "@local", "web2", "db1"], "site": ["web1", "web2"], "web": ["web1", "web2"], "db": ["db1"],
        "inv": ["web1", "@local", "web2", "db1"], "@local": ["@local"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "says", "where", "hint"),
    [
        ("i.yaml", "hosts: [web1\n", "is not YAML", "i.yaml:2", None),
        ("i.yaml", "web: [web1]", "web is no part of an inventory", "i.yaml:1", "an inventory has: data"),
        ("i.yaml", "host: [web1]", "host is no part of an inventory", "i.yaml:1", "did you mean hosts?"),
        ("i.yaml", "all:\n  hosts:\n    web1:", "all is no part", "i.yaml:1", "groups stand under groups:, and an "
         "inventory of Ansible is @ansible/i.yaml"),
        ("i.yaml", "- web1", "an inventory is a list", "i.yaml:1", "it is a mapping; see docs/schema/inventory.json"),
        ("i.yaml", "hosts:\n  - web1\n  - 3", "3 is not a host", "i.yaml:3", None),
        ("i.yaml", "hosts:\n  -x:", "'-x' cannot be the name of a host", "i.yaml:2", None),
        ("i.yaml", "hosts: web1", "hosts of hosts is a text", "i.yaml:1", None),
        ("i.yaml", "hosts:\n  web1: 80", "the data of web1 is a number", "i.yaml:2", None),
        ("i.yaml", "hosts:\n  web1:\n    1: a", "the name 1 of data is no text", "i.yaml:3", 'write "1"'),
        ("i.yaml", "data: [1]", "data is a list", "i.yaml:1", None),
        ("i.yaml", "groups:\n  web:\n", "the group web is a nothing", "i.yaml:2", None),
        ("i.yaml", "groups:\n  web:\n    vars: {}", "vars is no part of the group web", "i.yaml:3", "the group"),
        ("i.yaml", "groups:\n  a:\n    children: [b]", "there is no group b, which a has", "i.yaml:3", "groups: a"),
        ("i.yaml", "groups:\n  a: {children: [b]}\n  b: {children: [a]}", "a contains itself", "i.yaml:2", None),
        ("i.yaml", "groups:\n  all: {hosts: [x]}", "every host is in the group all", "i.yaml:2", None),
        ("i.yaml", "hosts: [a]\nhosts: [b]", "an inventory has hosts twice", "i.yaml:2", None),
        ("i.yaml", "a: &a [*a]", "contains itself", "i.yaml:1", None),
        ("i.yaml", "hosts: !x [a]", "is not YAML", "i.yaml:1", None),
        ("i.toml", "hosts = [\n", "is not TOML", "i.toml:2", None),
        ("i.toml", "[hosts]\nweb1 = 3", "the data of web1 is a number", "i.toml:2", None),
        ("i.toml", "[groups.web]\n\nhost = []", "host is no part of the group web", "i.toml:3", "did you mean hosts?"),
        ("i.toml", "[hosts]", "there is no host in the inventory", None, None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(
    write: Any, name: str, text: str, says: str, where: str | None, hint: str | None
) -> None:
    write(name, text)
    with pytest.raises(UsageError, match=says) as caught:
        load_inventory(name, cwd=write.cwd)
    assert isinstance(caught.value, InventoryError | LoadError)
    assert caught.value.where == where
    if hint is not None:
        assert str(caught.value.hint).startswith(hint)


def test_the_schema_names_what_the_reader_knows() -> None:
    assert set(SCHEMA["properties"]) == set(PARTS)
    assert set(SCHEMA["$defs"]["group"]["properties"]) == set(GROUP_PARTS)


@pytest.mark.parametrize(
    "text",
    [
        YAML, "hosts: [a]", "hosts: {a: , b: {c: 1}}", "hosts: [a]\ndata:", "groups: {g: {hosts: [a]}}", "hosts: 1",
        "hosts: [1]",
        "hosts: {a: 1}", "hosts: [a]\nx: 1", "hosts: [a]\ndata: []", "groups: {g: [a]}",
        "groups: {g: {hosts: [a], x: 1}}",
        "groups: {g: {hosts: [a], children: x}}", "groups: {g: {hosts: [a], data: 1}}", "groups: {all: {hosts: [a]}}",
        "[a]",
        "hosts: ['']", "groups: {g: {hosts: [a], children: }}", "hosts: [a]\ngroups:", "groups: {g: }\nhosts: [a]",
    ],
)  # fmt: skip
def test_the_schema_accepts_what_the_reader_accepts(write: Any, text: str) -> None:
    path = write("i.yaml", text)
    accepted = True
    try:
        load_inventory("i.yaml", cwd=write.cwd)
    except UsageError:
        accepted = False
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(yaml.safe_load(path.read_text())) is accepted


def test_values_of_yaml_know_their_lines() -> None:
    node = read_yaml("base: &b\n  x: 1\n  y: 2\nmore:\n  <<: *b\n  y: 3\nlist:\n  - a\n  - {b: c}\n", "f")
    assert node.value == {"base": {"x": 1, "y": 2}, "more": {"x": 1, "y": 3}, "list": ["a", {"b": "c"}]}
    assert {key: entry.line for key, entry in node.entries["more"].entries.items()} == {"x": 2, "y": 6}
    assert [item.line for item in node.entries["list"].items] == [8, 9]


def test_values_of_toml_know_their_lines() -> None:
    text = 'a = 1\n"b c".d = """\n[not.a.table]\nx = 1\n"""\n[t.u] # here\nk = [\n 1,\n 2 ]\nlast = {v = 1}\n'
    text += "[[many]]\nq=1\n"
    node = read_toml(text, "f")
    t = node.entries["t"].entries["u"]
    assert (node.entries["a"].line, node.entries["b c"].entries["d"].line, t.line) == (1, 2, 6)
    assert (t.entries["k"].line, t.entries["last"].line, t.entries["last"].entries["v"].line) == (7, 10, 10)
    assert "x" not in node.entries


def test_a_long_list_in_toml_is_read_in_time_that_grows_with_it() -> None:
    hosts = "\n".join(f'  "web{number}",' for number in range(3000))
    assert read_toml(f"hosts = [\n{hosts}\n]\nlast = 1", "f").entries["last"].line == 3003
