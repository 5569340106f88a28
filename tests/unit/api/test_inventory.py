"""The inventory: hosts, groups, whose data wins, and what entries stand for."""

from __future__ import annotations

import importlib.util

import pytest

from ropewalk.api import addresses
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.model.errors import InventoryError, NoConnectorError, NoGroupError, NoHostError
from ropewalk.model.target import Target


def names(hosts):
    return [host.name for host in hosts]


class Cloud:
    """A source of hosts, in the way of connectors of today."""

    handles_execution = False
    asked: list[str | None] = []

    @classmethod
    def targets(cls, address):
        cls.asked.append(address)
        yield Target("vm1", {"ssh_hostname": "10.0.0.1", "size": "small"}, ("@cloud", "eu"))
        yield Target("vm2", {"ssh_hostname": "10.0.0.2", "size": "small"}, ("@cloud",))


class OldBox:
    """A way to reach one host, in the way of v3's connectors."""

    handles_execution = True

    @staticmethod
    def make_names_data(name):
        return [(f"@box/{name}", {"box": name}, ["@box"])]


class Broken:
    @classmethod
    def targets(cls, address):
        raise KeyError("no such key in the answer")


@pytest.fixture(autouse=True)
def connectors(monkeypatch):
    known = {"cloud": Cloud, "box": OldBox, "broken": Broken}

    def get_connector(name):
        if name in known:
            return known[name]
        raise NoConnectorError(f"there is no connector named @{name}")

    monkeypatch.setattr(addresses, "get_connector", get_connector)
    Cloud.asked.clear()


# -- hosts and groups ---------------------------------------------------------------------------------------


def test_hosts_keep_their_order():
    inventory = Inventory((["b", "a", ("c", {})], {}), g=(["c", "a"], {}))
    assert names(inventory) == ["b", "a", "c"]
    assert names(inventory.get_group("g")) == ["a", "c"]
    assert len(inventory) == 3


def test_a_host_that_is_only_in_a_group_is_kept():
    inventory = Inventory((["a"], {}), web=(["b"], {}))
    assert names(inventory.get_group("all")) == ["a", "b"]


def test_every_host_is_in_the_group_all():
    inventory = Inventory((["a"], {"x": 1}), web=(["a"], {}))
    assert inventory.get_host("a").groups == ["all", "web"]
    assert names(inventory.groups["all"]) == ["a"]


def test_groups_may_have_any_name():
    inventory = Inventory.of({"names_data": (["a"], {}), "self": (["b"], {}), "all": (["c"], {"x": 1})}, {"y": 2})
    assert names(inventory) == ["c", "a", "b"]
    assert (inventory.get_host("a").data.x, inventory.get_host("a").data.y) == (1, 2)


def test_generators_will_do_for_hosts():
    assert names(Inventory(((f"web{n}" for n in (1, 2)), {}))) == ["web1", "web2"]


def test_what_is_not_there_is_an_error_with_a_suggestion():
    inventory = Inventory((["web1"], {}), database=(["db1"], {}))
    with pytest.raises(NoHostError, match="wbe1") as no_host:
        inventory.get_host("wbe1")
    assert no_host.value.hint == "did you mean web1?"
    with pytest.raises(NoGroupError, match="databse") as no_group:
        inventory.get_group("databse")
    assert no_group.value.hint == "did you mean database?"


def test_defaults_for_what_is_not_there():
    inventory = Inventory((["web1"], {}))
    assert inventory.get_host("no", None) is None
    assert inventory.get_group("no", []) == []
    assert inventory.groups["no"] == []
    assert "no" not in inventory.groups


def test_hosts_can_be_looked_for_by_name_and_as_themselves():
    inventory = Inventory((["web1"], {}))
    assert "web1" in inventory
    assert inventory.get_host("web1") in inventory
    assert "web2" not in inventory


def test_active_and_activated_hosts_come_in_inventory_order():
    inventory = Inventory((["a", "b", "c"], {}))
    state = State(inventory)
    for name in ("c", "b", "a"):
        state.activate_host(inventory.get_host(name))
    state.fail_hosts([inventory.get_host("b")])
    assert names(inventory.get_active_hosts()) == ["a", "c"]
    assert names(inventory.iter_activated_hosts()) == ["a", "b", "c"]
    assert (inventory.len_active_hosts(), inventory.len_activated_hosts()) == (2, 3)


@pytest.mark.parametrize("name", ["host", "config", "state", "inventory", "local", "run"])
def test_no_package_hides_a_name_that_deploys_import(name):
    """`import ropewalk.X` would make `from ropewalk import X` the module X."""
    assert importlib.util.find_spec(f"ropewalk.{name}") is None


# -- data ---------------------------------------------------------------------------------------------------


def test_whose_data_wins():
    """--data over host over group (the last wins) over all."""
    everything = {"o": "all", "h": "all", "g2": "all", "g1": "all", "all": "all"}
    inventory = Inventory(
        ([("a", {"o": "host", "h": "host"})], everything), {"o": "override"},
        first=(["a"], {"o": 1, "h": 1, "g2": "first", "g1": "first"}), second=(["a"], {"o": 1, "g2": "second"}),
    )  # fmt: skip
    assert inventory.get_host("a").data.dict() == {
        "o": "override", "h": "host", "g2": "second", "g1": "first", "all": "all",
    }  # fmt: skip


def test_what_all_says_of_a_host_wins_over_what_other_groups_say_of_it():
    inventory = Inventory(
        ([("a", {"x": "all"})], {}), g=([("a", {"x": "g", "y": "g"})], {}), h=([("a", {"y": "h"})], {})
    )
    assert inventory.get_host_data("a") == {"x": "all", "y": "h"}


def test_data_can_be_asked_for_by_layer():
    inventory = Inventory(([("a", {"h": 1})], {"all": 1}), {"o": 1}, g=(["a"], {"g": 1}), k=(["a"], {"g": 2, "k": 1}))
    host = inventory.get_host("a")
    assert inventory.get_data() == inventory.get_group_data("all") == {"all": 1}
    assert inventory.get_override_data() == {"o": 1}
    assert inventory.get_group_data("g") == {"g": 1}
    assert inventory.get_group_data("no") == {}
    assert inventory.get_groups_data(["g", "k"]) == host.group_data == {"g": 2, "k": 1}
    assert host.host_data == {"h": 1}


def test_group_data_can_be_added_later():
    inventory = Inventory((["a"], {"x": 1}), web=(["a"], {"y": 1, "z": 1}))
    inventory.add_group_data("web", {"y": 2})
    inventory.add_group_data("all", {"x": 2})
    inventory.add_group_data("nobody", {"x": 3})
    assert inventory.get_host("a").data.dict() == {"x": 2, "y": 2, "z": 1}
    assert "nobody" not in inventory.groups


def test_data_given_is_not_changed():
    data = {"x": 1}
    inventory = Inventory(([("a", data)], data), g=(["a"], data))
    inventory.add_group_data("all", {"y": 1})
    inventory.add_group_data("g", {"y": 1})
    assert data == {"x": 1}


# -- what entries stand for ---------------------------------------------------------------------------------


def test_a_connector_may_stand_for_several_hosts():
    inventory = Inventory((["@cloud/main"], {}), web=([("@cloud/main", {"size": "big"})], {}))
    assert names(inventory) == ["vm1", "vm2"]
    assert names(inventory.get_group("web")) == ["vm1", "vm2"]
    assert names(inventory.get_group("eu")) == ["vm1"]
    vm1 = inventory.get_host("vm1")
    assert (vm1.scheme, vm1.data.ssh_hostname, vm1.data.size) == ("ssh", "10.0.0.1", "big")


def test_a_connector_is_asked_once_however_many_groups_name_it():
    Inventory((["@cloud"], {}), web=(["@cloud"], {}), db=(["@cloud"], {}))
    assert Cloud.asked == [None]


def test_the_connectors_of_v3_work_too():
    inventory = Inventory((["@box/a/b"], {}))
    box = inventory.get_host("@box/a/b")
    assert (box.scheme, box.data.box, box.groups) == ("box", "a/b", ["all", "@box"])


def test_groups_of_a_connector_come_last_where_the_entry_is_the_host_and_first_where_it_is_not():
    inventory = Inventory(([], {}), mine=(["@box/a", "@cloud"], {}))
    assert inventory.get_host("@box/a").groups == ["all", "mine", "@box"]
    assert inventory.get_host("vm1").groups == ["all", "@cloud", "eu", "mine"]


def test_the_groups_of_a_connector_can_have_data():
    inventory = Inventory((["@cloud"], {}))
    inventory.add_group_data("eu", {"mirror": "eu.example"})
    assert inventory.get_host("vm1").data.get("mirror") == "eu.example"
    assert inventory.get_host("vm2").data.get("mirror") is None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("web1", {}),
        ("root@web1", {"ssh_user": "root", "ssh_hostname": "web1"}),
        ("a@b@web1", {"ssh_user": "a@b", "ssh_hostname": "web1"}),
        ("web1@", {}),
        ("::1", {}),
    ],
)
def test_a_name_may_say_which_user(name, data):
    inventory = Inventory(([name], {}))
    assert inventory.get_host(name).data.dict() == data


def test_data_wins_over_the_user_in_the_name():
    assert Inventory(([("root@web1", {"ssh_user": "me"})], {})).get_host("root@web1").data.ssh_user == "me"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (5, "5 is not a host"),
        (None, "None is not a host"),
        (["web1"], "a list is not a host"),
        (("web1", "password"), "a tuple is not a host"),
        (("web1", {}, 1), "a tuple is not a host"),
        ((1, {"p": "password"}), "a tuple is not a host"),
        ("", "'' cannot be the name of a host"),
        (" ", "cannot be the name"),
        ("-oProxyCommand=x", "cannot be the name"),
        ("web1\nweb2", "cannot be the name"),
        ("web\x00", "cannot be the name"),
    ],
)
def test_what_is_not_a_host_is_an_error(entry, message):
    with pytest.raises(InventoryError) as caught:
        Inventory(([], {}), web=([entry], {}))
    assert str(caught.value).startswith("the group web: ")
    assert message in str(caught.value)
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("group", ["web1", ["web1"], ("web1", {}), (["web1"], "x"), (["web1"],), {"web1": {}}])
def test_what_is_not_a_group_is_an_error(group):
    with pytest.raises(InventoryError, match=r"the group web is not \(hosts, data\)"):
        Inventory(([], {}), web=group)


def test_a_connector_that_does_not_exist_is_an_error():
    with pytest.raises(NoConnectorError, match="@nosuch"):
        Inventory((["@nosuch/x"], {}))


def test_a_connector_that_breaks_is_an_error_that_names_the_entry():
    with pytest.raises(InventoryError, match="@broken/x cannot be used as an inventory: KeyError: 'no such key"):
        Inventory((["@broken/x"], {}))
