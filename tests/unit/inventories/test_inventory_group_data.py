"""Group data: where it is looked for, what of a file counts, and whose wins."""

from __future__ import annotations

import pytest

from ropewalk.inventories import load_inventory
from ropewalk.model.errors import InventoryError, LoadError, NoGroupError


@pytest.fixture
def data(write):
    """Return the data of web1, which is in the group web of inventories/live.py."""
    write("inventories/live.py", "web = ([('web1', {'own': 'host'})], {'x': 'inventory', 'y': 'inventory'})")

    def data(*group_data, argument="inventories/live.py", **override):
        inventory = load_inventory(argument, cwd=write.cwd, group_data=group_data, override=override)
        return inventory.get_host("web1").data

    return data


def test_files_are_named_after_groups(write, data):
    write("group_data/web.py", "a = 1")
    write("group_data/live.py", "b = 2")
    write("group_data/all.py", "a, c, own = 0, 3, 'all'")
    write("group_data/db.py", "d = 4")
    write("group_data/__init__.py", "e = 5")
    write("group_data/notes.txt", "f = 6")
    write("group_data/more/web.py", "g = 7")
    assert data().dict() == {"x": "inventory", "y": "inventory", "own": "host", "a": 1, "b": 2, "c": 3}


def test_whose_data_wins(write, data):
    """--group-data over beside the inventory over the working directory over the inventory itself."""
    keys = "y", "w", "i", "d", "f"
    places = ["group_data/web.py", "inventories/group_data/web.py", "extra/web.py", "single/web.py"]
    for number, place in enumerate(places, start=1):
        write(place, "".join(f"{key} = {place!r}\n" for key in keys[number:]))
    found = data("extra", "single/web.py").dict()
    assert {key: found[key] for key in keys} == dict(zip(keys, ["inventory", *places], strict=True))


def test_override_wins(write, data):
    write("group_data/web.py", "a = 1")
    assert data(a=2).a == 2


def test_hosts_on_the_command_line_have_group_data_too(write, data):
    write("group_data/all.py", "a = 1")
    assert data(argument="web1,web2").a == 1


def test_a_module_has_only_the_group_data_that_is_asked_for(write, data):
    write("inv_y.py", "hosts = ['web1']")
    write("group_data/all.py", "a = 1")
    write("extra/all.py", "b = 1")
    assert data("extra", argument="inv_y.hosts").dict() == {"b": 1}


def test_the_groups_of_connectors_have_data(write):
    write("group_data/@local.py", "a = 1")
    assert load_inventory("@local", cwd=write.cwd).get_host("@local").data.a == 1


def test_a_file_is_executed_once_when_the_inventory_is_in_the_working_directory(write):
    write("inventory.py", "web = ['web1']")
    write("group_data/web.py", "with open('count', 'a') as file:\n    file.write('x')")
    load_inventory("./inventory.py", cwd=write.cwd)
    assert (write.cwd / "count").read_text() == "x"


def test_data_for_a_group_that_is_not_there_is_noted(write, data, noted):
    write("group_data/databse.py", "a = 1")
    data()
    assert noted == ["debug: there is group data for databse, which is no group of the inventory"]


def test_imports_and_private_names_are_no_data(write, data):
    write("settings_x.py", "imported, starred = 1, 2\nfrom os import path as module")
    write(
        "group_data/web.py",
        """
        import os, os.path as p
        from settings_x import imported, imported as renamed
        from settings_x import *
        from settings_x import starred as kept
        kept = kept + 1
        if True:
            from settings_x import imported as nested
        __private = 1
        _single = 2
        value = os.sep
        def function(): return 1
        """,
    )
    found = data().dict()
    assert (found["kept"], found["nested"]) == (3, 1)
    assert set(found) == {"own", "x", "y", "_single", "value", "function", "kept", "nested", "starred"}


def test_all_says_what_is_data(write, data):
    write("group_data/web.py", "from os import sep, path\n__all__ = ['a', 'sep', '__b']\na, b, __b = 1, 2, 3")
    assert set(data().dict()) == {"own", "x", "y", "a", "sep"}


def test_all_must_list_what_is_there(write, data):
    write("group_data/web.py", "a = 1\n__all__ = ['a', 'no']")
    with pytest.raises(LoadError, match="__all__ lists 'no', which is not defined") as caught:
        data()
    assert caught.value.where == "group_data/web.py:2"


def test_files_see_the_inventory(write, data):
    write(
        "group_data/all.py",
        """
        from ropewalk import inventory
        peers = [host.name for host in inventory.get_group("web")]
        x_of_web = inventory.get_group_data("web")["x"]
        count = len(inventory)
        """,
    )
    found = data()
    assert (found.peers, found.x_of_web, found.count) == (["web1"], "inventory", 1)


def test_what_files_see_of_the_inventory_does_not_depend_on_other_files(write, data):
    write("group_data/all.py", "x = 'file'")
    write("group_data/web.py", "from ropewalk import inventory\nseen = inventory.get_data().get('x')")
    assert data().seen is None


def test_asking_for_a_group_that_is_not_there_has_its_place(write, data):
    write("group_data/web.py", "from ropewalk import inventory\n\npeers = inventory.get_group('wbe')")
    with pytest.raises(NoGroupError) as caught:
        data()
    assert (caught.value.where, caught.value.hint) == ("group_data/web.py:3", "did you mean web?")


def test_circular_imports_are_a_clear_error(write, data):
    write("one_x.py", "from two_x import b\na = 1")
    write("two_x.py", "from one_x import a\nb = 1")
    write("group_data/web.py", "from one_x import a")
    with pytest.raises(LoadError, match=r"group_data/web.py cannot be loaded: .*circular import") as caught:
        data()
    assert caught.value.where == "two_x.py:1"


def test_a_syntax_error_has_its_place(write, data):
    write("group_data/web.py", "a = 1\nb = = 2")
    with pytest.raises(LoadError) as caught:
        data()
    assert caught.value.where == "group_data/web.py:2"


@pytest.mark.parametrize(
    ("asked", "message", "hint"),
    [
        ("extar", "there is no group data file or directory extar", "did you mean extra?"),
        ("extra/no.py", "there is no group data file or directory extra/no.py", None),
        ("notes.txt", "the group data file notes.txt does not end in .py", "data of the group web is in web.py"),
    ],
)
def test_what_was_asked_for_must_be_there(write, data, asked, message, hint):
    write("extra/all.py")
    write("notes.txt")
    with pytest.raises(InventoryError) as caught:
        data(asked)
    assert str(caught.value) == message
    assert hint is None or caught.value.hint == hint


def test_an_empty_directory_that_was_asked_for_is_noted(write, data, noted):
    write("extra/notes.txt")
    data("extra")
    assert noted == ["warning: the group data directory extra holds no .py file"]
