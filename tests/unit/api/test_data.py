"""Host data: which layer wins, and what reading and assigning do."""

from __future__ import annotations

import copy

import pytest

from ropewalk.api.data import HostData


@pytest.fixture
def data():
    near, far = {"port": 80, "tags": ["a"]}, {"port": 1, "name": "web"}
    return HostData("web1", lambda: [near, far])


def test_the_nearest_layer_wins(data):
    assert (data.port, data.name) == (80, "web")


def test_assigning_wins_over_every_layer(data):
    data.port = 443
    data["extra"] = True
    assert (data.port, data.get("port"), data.extra) == (443, 443, True)
    assert data.dict() == {"port": 443, "name": "web", "tags": ["a"], "extra": True}


def test_layers_are_read_at_each_access():
    layer = {}
    data = HostData("web1", lambda: [layer])
    layer["late"] = 1
    assert data.late == 1


@pytest.mark.parametrize(
    "read", [lambda data: data.tags, lambda data: data.get("tags"), lambda data: data.dict()["tags"]]
)
def test_values_are_copies(data, read):
    read(data).append("b")
    assert data.tags == ["a"]


def test_a_value_that_cannot_be_copied_is_shared():
    generator = (n for n in "ab")
    assert HostData("web1", lambda: [{"g": generator}]).g is generator


@pytest.mark.parametrize("value", [None, False, 0, "", []])
def test_an_empty_value_is_a_value(value):
    data = HostData("web1", lambda: [{"key": value}, {"key": "far"}])
    assert data.key == value
    assert data.get("key", "default") == value


def test_missing_data_names_the_host_and_what_it_may_have_been(data):
    with pytest.raises(AttributeError, match=r"web1 has no data named 'prot' \(did you mean port\?\)"):
        data.prot  # noqa: B018


def test_missing_data_lists_what_there_is(data):
    with pytest.raises(AttributeError, match=r"it has: name, port, tags"):
        data.zzz  # noqa: B018


def test_missing_data_has_defaults(data):
    assert (data.get("no"), data.get("no", 1), getattr(data, "no", 2)) == (None, 1, 2)
    with pytest.raises(KeyError):
        data["no"]


def test_it_says_what_it_holds(data):
    assert "port" in data
    assert "no" not in data
    assert sorted(data) == ["name", "port", "tags"]
    assert str(data) == str(data.dict())


def test_names_that_python_looks_for_are_not_data(data):
    assert not hasattr(data, "__wrapped__")
    assert copy.copy(data).port == 80
