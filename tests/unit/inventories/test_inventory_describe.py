"""What debug-inventory shows: hosts, groups and data, and no secret."""

from __future__ import annotations

import pytest

from ropewalk.api.inventory import Inventory
from ropewalk.inventories import describe
from ropewalk.model.command import MASK, Secret


def test_hosts_are_described_in_inventory_order():
    inventory = Inventory((["b", ("a", {"x": 1}), "c"], {"x": 0}), {"o": [1, (2,)]}, web=(["a"], {"y": {"z": None}}))
    hosts = [inventory.get_host("a"), inventory.get_host("b")]
    assert describe(inventory, hosts) == [
        {"name": "b", "groups": ["all"], "data": {"x": 0, "o": [1, [2]]}},
        {"name": "a", "groups": ["all", "web"], "data": {"x": 1, "y": {"z": None}, "o": [1, [2]]}},
    ]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"ssh_password": "x"}, {"ssh_password": MASK}),
        ({"_sudo_password": "x"}, {"_sudo_password": MASK}),
        ({"DB_PASSWD": b"x"}, {"DB_PASSWD": MASK}),
        ({"ssh_key_password": "x", "ssh_key": "~/.ssh/id"}, {"ssh_key_password": MASK, "ssh_key": "~/.ssh/id"}),
        ({"passphrase": "x", "clientSecret": "x"}, {"passphrase": MASK, "clientSecret": MASK}),
        ({"api_key": "x", "apikey": "x", "private-key": "x"}, {"api_key": MASK, "apikey": MASK, "private-key": MASK}),
        ({"token": 1234}, {"token": MASK}),
        ({"secrets": {"a": "x", "b": ["y", {"c": "z"}]}}, {"secrets": {"a": MASK, "b": [MASK, {"c": MASK}]}}),
        ({"tokens": {"x", "y"}}, {"tokens": MASK}),
        ({"db": {"user": "u", "password": "x"}}, {"db": {"user": "u", "password": MASK}}),
        ({"dbs": [{"password": "x"}]}, {"dbs": [{"password": MASK}]}),
        ({"anything": Secret("x")}, {"anything": MASK}),
        ({"anything": [Secret("x")]}, {"anything": [MASK]}),
        ({"password": None, "token": "", "use_token": True}, {"password": None, "token": "", "use_token": True}),
    ],
)
def test_secrets_are_masked(data, shown):
    inventory = Inventory(([("web1", data)], {}))
    assert describe(inventory, inventory)[0]["data"] == shown


def test_the_data_itself_stays():
    inventory = Inventory(([("web1", {"db": {"password": "x"}})], {}))
    describe(inventory, inventory)
    assert inventory.get_host("web1").data.db == {"password": "x"}
