"""--limit and --exclude: which hosts they choose, and that nothing they name is silently nothing."""

from __future__ import annotations

import pytest

from ropewalk.api.inventory import Inventory
from ropewalk.inventories import select
from ropewalk.model.errors import InventoryError


@pytest.fixture
def inventory():
    return Inventory(
        (["web2", "web1", "db1", "@local", "[v6]"], {}),
        web=(["web1", "web2"], {}), db1=(["db1", "web1"], {}), empty=([], {}), **{"eu-west": (["db1"], {})},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "exclude", "chosen"),
    [
        ([], [], "web2 web1 db1 @local [v6]"),
        (["all"], [], "web2 web1 db1 @local [v6]"),
        (["web1"], [], "web1"),
        (["web"], [], "web2 web1"),
        (["eu-west"], [], "db1"),
        (["@local"], [], "@local"),
        (["[v6]"], [], "[v6]"),
        (["web*"], [], "web2 web1"),
        (["*1"], [], "web1 db1"),
        (["web[13]"], [], "web1"),
        (["web?", "web1", "web"], [], "web2 web1"),
        (["eu-west,web1"], [], "web1 db1"),
        ([" eu-west , web1, "], [], "web1 db1"),
        ([], ["web"], "db1 @local [v6]"),
        ([], ["web1,@*"], "web2 db1 [v6]"),
        (["web"], ["web1"], "web2"),
        (["web1"], ["web2"], "web1"),
    ],
)
def test_hosts_come_once_in_inventory_order(inventory, limit, exclude, chosen):
    assert " ".join(host.name for host in select(inventory, limit, exclude)) == chosen


@pytest.mark.parametrize(
    ("limit", "exclude", "message", "hint"),
    [
        (["wbe1"], [], "--limit wbe1 matches no host", "did you mean web1?"),
        (["web1,wbe2"], [], "--limit wbe2 matches no host", "did you mean web2?"),
        (["eu-wst"], [], "--limit eu-wst matches no host", "did you mean eu-west?"),
        (["WEB1"], [], "--limit WEB1 matches no host", "did you mean web1?"),
        (["zzz"], [], "--limit zzz matches no host", "hosts and groups: @local"),
        (["x*"], [], "--limit x* matches no host", ""),
        ([], ["wbe1"], "--exclude wbe1 matches no host", "did you mean web1?"),
        (["empty"], [], "--limit empty matches no host", "the group empty is empty"),
        ([""], [], "--limit '' names no host", ""),
        ([","], [], "--limit ',' names no host", ""),
        ([], ["all"], "no host is left to work on", "--exclude all leaves out every host"),
        (["web1"], ["web", "db1"], "no host is left to work on", "--exclude web,db1 leaves out every host"),
    ],
)
def test_what_matches_nothing_is_an_error(inventory, limit, exclude, message, hint):
    with pytest.raises(InventoryError) as caught:
        select(inventory, limit, exclude)
    assert str(caught.value) == message
    assert (caught.value.hint or "").startswith(hint)


def test_nothing_to_choose_from():
    with pytest.raises(InventoryError, match="no host is left to work on"):
        select(Inventory.empty(), [], [])


def test_a_group_wins_over_a_host_of_the_same_name_and_that_is_noted(inventory, noted):
    assert [host.name for host in select(inventory, ["db1"], [])] == ["web1", "db1"]
    assert noted == ["warning: --limit db1 is the group db1, not only the host of that name"]


def test_a_group_that_is_just_the_host_is_not_worth_a_note(noted):
    inventory = Inventory((["a", "b"], {}), a=(["a"], {}))
    assert [host.name for host in select(inventory, ["a"], [])] == ["a"]
    assert noted == []


def failed(run):
    return {"last": ("aa01", ["db1", "web2"]), "bb02": ("bb02", ["gone", "web1"]), "cc03": ("cc03", ["gone"])}[run]


@pytest.mark.parametrize(
    ("limit", "exclude", "only_failed", "chosen"),
    [
        (["@failed"], [], None, ["web2", "db1"]),
        (["@failed:bb02"], [], None, ["web1"]),
        (["@failed,web1"], [], None, ["web2", "web1", "db1"]),
        (["web*"], ["@failed"], None, ["web1"]),
        ([], [], "last", ["web2", "db1"]),
        (["web*"], [], "last", ["web2"]),
        ([], ["web2"], "last", ["db1"]),
    ],
)
def test_hosts_that_failed_before(inventory, limit, exclude, only_failed, chosen):
    found = select(inventory, limit, exclude, failed=failed, only_failed=only_failed)
    assert [host.name for host in found] == chosen


def test_none_of_the_failed_hosts_is_there(inventory):
    with pytest.raises(InventoryError, match="none of the hosts that failed in run cc03"):
        select(inventory, [], [], failed=failed, only_failed="cc03")
