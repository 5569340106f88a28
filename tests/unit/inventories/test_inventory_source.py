"""Inventories: what the argument may be, what files and modules may hold, and what is refused."""

from __future__ import annotations

import os
import threading

import pytest

from ropewalk.inventories import load_inventory
from ropewalk.model.errors import InventoryError, LoadError, NoConnectorError, RopewalkError


@pytest.fixture
def load(write):
    def load(argument, **options):
        return load_inventory(argument, cwd=write.cwd, **options)

    return load


@pytest.fixture
def refused(load):
    """Load what must be refused, and return the error's message, place and hint."""

    def refused(argument, kind=InventoryError, **options):
        with pytest.raises(kind) as caught:
            load(argument, **options)
        assert type(caught.value) is kind
        assert "Traceback" not in str(caught.value)
        return str(caught.value), caught.value.where, caught.value.hint

    return refused


def groups(inventory):
    return {name: [host.name for host in hosts] for name, hosts in inventory.groups.items()}


# -- hosts on the command line ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argument", "names"),
    [
        ("web1", ["web1"]),
        ("web1.example.com", ["web1.example.com"]),
        ("web1,web2", ["web1", "web2"]),
        (" web1 , web2,", ["web1", "web2"]),
        ("web1,", ["web1"]),
        ("root@web1", ["root@web1"]),
        ("root@web1,web2", ["root@web1", "web2"]),
        ("@local", ["@local"]),
        ("web1,@local", ["web1", "@local"]),
        ("@ssh/web1", ["@ssh/web1"]),
        ("10.0.0.1", ["10.0.0.1"]),
        ("::1", ["::1"]),
        ("fe80::1%eth0", ["fe80::1%eth0"]),
        ("code.org", ["code.org"]),
        ("this.is", ["this.is"]),
        ("a_b", ["a_b"]),
    ],
)
def test_hosts(load, argument, names):
    assert [host.name for host in load(argument)] == names


def test_a_very_long_list_of_hosts(load):
    assert len(load(",".join(f"web{number}.example.com" for number in range(2000)))) == 2000


@pytest.mark.parametrize("argument", ["web/1", "some.module.name", "web.py"])
def test_with_an_address_in_the_data_any_name_is_a_host(load, argument):
    host = load(argument, override={"ssh_hostname": "10.0.0.1"}).get_host(argument)
    assert host.data.ssh_hostname == "10.0.0.1"


def test_the_data_of_the_command_line_wins(load, write):
    write("inventory.py", "web = ([('web1', {'port': 1})], {'port': 2})")
    assert load("inventory.py", override={"port": 3}).get_host("web1").data.port == 3


@pytest.mark.parametrize("argument", ["", ",", " , "])
def test_no_host_at_all(refused, argument):
    assert refused(argument)[0] == f"there is no host in the inventory {argument!r}"


def test_a_misspelt_file(refused, write):
    write("inventory.py", "web = ['web1']")
    message, _, hint = refused("inventroy.py")
    assert (message, hint) == ("there is no inventory file inventroy.py", "did you mean inventory.py?")


def test_a_misspelt_file_in_a_directory(refused, write):
    write("inventories/production.py", "web = ['web1']")
    message, _, hint = refused("inventories/prodution.py")
    assert (message, hint) == ("there is no inventory file inventories/prodution.py", "did you mean production.py?")


@pytest.mark.parametrize("argument", ["no/such/place.py", "/nowhere/at/all", "10.0.0.0/24", "web1,other.py", "\0.py"])
def test_no_such_file(refused, argument):
    assert "there is no inventory file" in refused(argument)[0]


def test_a_file_among_hosts(refused, write):
    write("a.py", "web = ['web1']")
    assert refused("a.py,web2")[0] == "the inventory file a.py is in a list of hosts"


@pytest.mark.parametrize("argument", ["servers", "servers/", "./servers"])
def test_a_directory(refused, write, argument):
    write("servers/web.py")
    assert "is a directory" in refused(argument)[0]


def test_a_directory_does_not_stand_in_the_way_of_hosts(load, write):
    write("web1/notes.txt")
    assert len(load("web1,web2")) == 2


def test_a_port(refused):
    message, _, hint = refused("web1:2222")
    assert (message, hint) == ("web1:2222 is not the name of a host", "web1 with --data ssh_port=2222")


def test_an_unknown_connector(refused):
    assert "@nosuch" in refused("@nosuch/x", NoConnectorError)[0]


def test_an_option_is_no_host(refused):
    assert "'-oProxyCommand=x' cannot be the name of a host" in refused("-oProxyCommand=x")[0]


def test_a_host_named_like_a_file_is_a_host_and_that_is_noted(load, write, noted):
    write("inventory.py", "web = ['web1']")
    assert [host.name for host in load("inventory")] == ["inventory"]
    assert noted == ["info: inventory is taken as the name of a host, not as the file inventory.py"]


# -- files --------------------------------------------------------------------------------------------------


def test_a_file_s_lists_are_groups(load, write):
    write(
        "staging.py",
        """
        import os
        from os import sep
        web = ["web1", ("web2", {"port": 81})]
        db = (["db1", "web1"], {"engine": "pg"})
        _private = ["secret1"]
        __dunder__ = ["secret2"]
        text, number, mapping, a_set = "x", 1, {"a": 1}, {"b"}
        def function(): ...
        """,
    )
    inventory = load("staging.py")
    everybody = ["web1", "web2", "db1"]
    assert groups(inventory) == {
        "all": everybody, "web": ["web1", "web2"], "db": ["web1", "db1"], "staging": everybody,
    }  # fmt: skip
    assert inventory.get_host("web1").groups == ["all", "web", "db", "staging"]
    assert inventory.get_host("web2").data.port == 81
    assert inventory.get_host("web1").data.engine == "pg"


def test_all_says_which_hosts_come_first_and_loses_none(load, write):
    write("inventory.py", "web = ['web1', 'web2']\nall = (['web2', 'other'], {'x': 1})")
    inventory = load("inventory.py")
    assert [host.name for host in inventory] == ["web2", "other", "web1"]
    assert [host.name for host in inventory.get_group("inventory")] == ["web2", "other", "web1"]
    assert inventory.get_host("web1").data.x == 1


def test_a_group_named_after_the_file_is_the_user_s_own(load, write):
    write("web.py", "web = ['web1']\ndb = ['db1']")
    assert groups(load("web.py"))["web"] == ["web1"]


def test_an_inventory_may_be_called_all(load, write):
    write("all.py", "web = ['web1']")
    assert groups(load("all.py")) == {"all": ["web1"], "web": ["web1"]}


def test_a_file_needs_no_ending(load, write):
    write("hosts", "web = ['web1']")
    assert groups(load("hosts"))["hosts"] == ["web1"]


def test_a_file_may_be_a_pipe(load, write):
    pipe = write.cwd / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("web = ['web1']",))
    writer.start()
    assert [host.name for host in load("pipe")] == ["web1"]
    writer.join()


def test_a_file_wins_over_every_other_meaning(load, write):
    write("root@web1,web2", "web = ['web3']")
    assert [host.name for host in load("root@web1,web2")] == ["web3"]


def test_a_file_can_import_from_the_working_directory_and_read_files_there(load, write):
    write("shared_hosts.py", "WEB = ['web1']\nPORTS = [80]")
    write("names.txt", "web2\nweb3\n")
    write(
        "inventories/live.py",
        """
        from dataclasses import dataclass
        from pathlib import Path
        from shared_hosts import WEB
        web = WEB + Path("names.txt").read_text().split()
        here = [__file__.rsplit("/", 1)[1].replace(".py", "-host")]

        @dataclass
        class Kept:
            field: "int" = 1
        """,
    )
    assert groups(load("inventories/live.py"))["all"] == ["web1", "web2", "web3", "live-host"]


def test_an_imported_list_that_is_no_group_is_ignored_with_a_warning(load, write, noted):
    write("constants_x.py", "PORTS = [80]\nHOSTS = ['web1']")
    write("inventory.py", "from constants_x import *\nfrom constants_x import PORTS as ports")
    assert groups(load("inventory.py")) == {"all": ["web1"], "HOSTS": ["web1"], "inventory": ["web1"]}
    assert [note.split(" is imported")[0] for note in noted] == [
        "warning: inventory.py: PORTS", "warning: inventory.py: ports",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("web = [80]", "web: 80 is not a host"),
        ("web = ['a', ['b']]", "web: a list is not a host"),
        ("web = [('a', 'b')]", "web: a tuple is not a host"),
        ("web = ['a', '']", "web: '' cannot be the name of a host"),
        ("web = ('a', 'b')", "web is not a group of hosts"),
        ("web = ('a', {})", "web is not a group of hosts"),
        ("web = (['a'],)", "web is not a group of hosts"),
        ("web = (['a'], 'data')", "web is not a group of hosts"),
        ("web = (1, 2)", "web is not a group of hosts"),
        ("web = ()", "web is not a group of hosts"),
    ],
)
def test_a_list_that_is_no_group_is_named_with_its_line(refused, write, text, message):
    write("inventory.py", f"ok = ['a']\nweb = ['a']\n\n{text}\n")
    found, where, hint = refused("inventory.py")
    assert (found, where) == (message, "inventory.py:4")
    assert hint.endswith("if web is not meant to be a group, begin its name with _")


@pytest.mark.parametrize("text", ["", "hosts = []", "_hosts = ['a']", "web = ([], {'x': 1})"])
def test_a_file_without_hosts(refused, write, text):
    write("inventory.py", text)
    message, _, hint = refused("inventory.py")
    assert message == "there is no host in the inventory inventory.py"
    assert "a top-level list is a group of hosts" in hint


def test_a_file_whose_hosts_have_the_wrong_type(refused, write):
    write("inventory.py", "web = {'a', 'b'}\ndb = 'db1'")
    assert refused("inventory.py")[2] == "only lists are groups of hosts; ignored: web, db"


def test_an_unknown_connector_in_a_file(refused, write):
    write("inventory.py", "web = ['@nosuch/x']")
    message, where, _ = refused("inventory.py", NoConnectorError)
    assert "@nosuch" in message
    assert where == "inventory.py"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("x = 1\nhosts = [\n", "'[' was never closed", 2),
        ("x = 1\n\nraise ValueError('inv-42')", "ValueError: inv-42", 3),
        ("def f():\n    1 / 0\nf()", "ZeroDivisionError: division by zero", 2),
        ("import json\njson.loads('nope')", "JSONDecodeError", 2),
        ("raise KeyError", "KeyError", 1),
        ("import no_such_module_x", "No module named 'no_such_module_x'", 1),
        ("import sys\nsys.exit(0)", "it ends the process (SystemExit: 0)", 2),
        ("exit()", "it ends the process (SystemExit", 1),
        ("from ropewalk import host\nx = host.name", "there is no current host here", 2),
        ("from ropewalk.api import DeployError\nraise DeployError('no')", "no", 2),
        ("import broken_x", "broken_x.py", 1),
    ],
)
def test_what_goes_wrong_in_a_file_is_one_message_with_its_place(refused, write, text, message, line):
    write("broken_x.py", "raise RuntimeError('in ' + __file__)")
    write("inventories/live.py", text)
    found, where, _ = refused("inventories/live.py", LoadError)
    assert found.startswith("inventories/live.py cannot be loaded: ")
    assert message in found
    expected = f"broken_x.py:{line}" if "broken_x" in text else f"inventories/live.py:{line}"
    assert where == expected


def test_the_exception_is_kept_as_the_cause(load, write):
    write("inventory.py", "raise ValueError('x')")
    with pytest.raises(LoadError) as caught:
        load("inventory.py")
    assert isinstance(caught.value.__cause__, ValueError)


def test_a_missing_module_comes_with_a_hint(refused, write):
    write("inventory.py", "import no_such_module_x")
    assert "no_such_module_x must be installed" in refused("inventory.py", LoadError)[2]


def test_a_file_that_is_no_python_comes_with_a_hint(refused, write):
    write("hosts.ini", "[web]\nweb1 ansible_host=1\n")
    hint = "the file is executed as Python; an inventory of Ansible is @ansible/hosts.ini"
    assert refused("hosts.ini", LoadError)[1:] == ("hosts.ini:2", hint)


@pytest.mark.parametrize("content", [b"web = ['\xff']", b"web = ['a\x00']", b"# coding: nonsense\n"])
def test_a_file_that_is_no_text(refused, write, content):
    (write.cwd / "inventory.py").write_bytes(content)
    assert refused("inventory.py", LoadError)[0].startswith("inventory.py cannot be loaded: ")


def test_an_encoding_comment_is_honoured(load, write):
    (write.cwd / "inventory.py").write_bytes(b"# coding: latin-1\nweb = [('a', {'name': '\xe9'})]")
    assert load("inventory.py").get_host("a").data.name == "é"


def test_ctrl_c_is_not_an_error_of_the_file(load, write):
    write("inventory.py", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load("inventory.py")


def test_loading_prints_nothing(load, write, capfd):
    write("inventory.py", "web = ['web1']")
    load("inventory.py")
    with pytest.raises(RopewalkError):
        load("nothing.py")
    assert capfd.readouterr() == ("", "")


# -- modules ------------------------------------------------------------------------------------------------


@pytest.fixture
def modules(write):
    write("inv_x/__init__.py")
    write(
        "inv_x/hosts.py",
        """
        HOSTS = ["web1", ("web2", {"port": 81})]
        GROUPS = {"web": HOSTS, "db": (["db1"], {"engine": "pg"}), "all": ([], {"x": 1})}
        WRONG, TEXT = {"web": "web1"}, "web1"
        NOT_A_HOST = [5]
        def make(): return GROUPS
        def make_list(): return HOSTS
        def make_none(): return None
        def broken(): raise ValueError("inv-42")
        def needs(argument): return []
        def empty(): return {}
        """,
    )
    return write


@pytest.mark.parametrize("by", [".", ":"])
@pytest.mark.parametrize(("name", "count"), [("HOSTS", 2), ("GROUPS", 3), ("make", 3), ("make_list", 2)])
def test_a_module_s_attribute(modules, load, by, name, count):
    assert len(load(f"inv_x.hosts{by}{name}")) == count


def test_the_groups_of_a_module(modules, load):
    inventory = load("inv_x.hosts:make", override={"o": 1})
    assert groups(inventory) == {"all": ["web1", "web2", "db1"], "web": ["web1", "web2"], "db": ["db1"]}
    assert inventory.get_host("db1").data.dict() == {"x": 1, "engine": "pg", "o": 1}


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("WRONG", InventoryError, "the group web of inv_x.hosts:WRONG is a str, not a list of hosts"),
        ("TEXT", InventoryError, "inv_x.hosts:TEXT is a str, not hosts"),
        ("NOT_A_HOST", InventoryError, "inv_x.hosts:NOT_A_HOST: 5 is not a host"),
        ("make_none", InventoryError, "inv_x.hosts:make_none is a NoneType, not hosts"),
        ("broken", LoadError, "inv_x.hosts:broken cannot be loaded: ValueError: inv-42"),
        ("needs", LoadError, "missing 1 required positional argument"),
        ("empty", InventoryError, "there is no host in the inventory 'inv_x.hosts:empty'"),
        ("make_lst", InventoryError, "the module inv_x.hosts has no make_lst"),
    ],
)
def test_a_module_without_hosts(modules, refused, name, kind, message):
    assert message in refused(f"inv_x.hosts:{name}", kind)[0]


def test_what_goes_wrong_in_a_function_has_its_place(modules, refused):
    assert refused("inv_x.hosts:broken", LoadError)[1] == "inv_x/hosts.py:9"


def test_a_module_that_is_not_there(refused):
    assert refused("no_module_x:hosts")[:2] == ("there is no module no_module_x", None)


def test_a_module_that_breaks(write, refused):
    write("inv_broken_x.py", "hosts = []\nimport not_there_x\n")
    message, where, _ = refused("inv_broken_x.hosts", LoadError)
    assert "No module named 'not_there_x'" in message
    assert where == "inv_broken_x.py:2"


@pytest.mark.parametrize("argument", ["inv_x.hosts.nothing", "inv_x.hosts", "inv_x.nothing.at.all", "deploy_x.example"])
def test_a_name_with_points_that_is_no_attribute_is_a_host_and_imports_nothing(modules, load, argument):
    modules("deploy_x.py", "raise RuntimeError('a deploy, executed as an inventory')")
    modules("inv_x/__init__.py", "raise RuntimeError('imported')")
    assert [host.name for host in load(argument)] == [argument]


def test_attributes_that_only_running_the_module_shows(write, load):
    write(
        "inv_dynamic_x.py",
        "def __getattr__(name):\n    if name == 'web':\n        return ['web1']\n    raise AttributeError",
    )
    assert [host.name for host in load("inv_dynamic_x.web")] == ["web1"]
    assert [host.name for host in load("inv_dynamic_x.org")] == ["inv_dynamic_x.org"]


def test_a_file_is_executed_as_it_stands(load, write):
    """Our own ``from __future__`` imports are not the file's."""
    write("inventory.py", "annotated: 1 / 0 = []\nweb = ['web1']")
    with pytest.raises(LoadError, match="ZeroDivisionError"):
        load("inventory.py")


# -- files that are no Python -------------------------------------------------------------------------------


def test_an_inventory_of_ansible_is_told_where_to_go(refused, write):
    write("hosts", "[web]\nweb1\n")
    message, where, hint = refused("hosts", LoadError)
    assert (message, where) == ("hosts cannot be loaded: NameError: name 'web' is not defined", "hosts:1")
    assert hint == "the file is executed as Python; an inventory of Ansible is @ansible/hosts"
    write("production/hosts")
    assert "@ansible/production" in refused("production")[2]
    assert "@ansible/./production" in refused("./production")[2]


@pytest.mark.parametrize("name", ["inventory.yaml", "inventory.yml", "inventory.toml"])
def test_a_document_that_is_not_there_is_no_host(refused, write, name):
    write("inventory.toml.bak")
    write("inventoy.yaml")
    assert refused(name) == (f"there is no inventory file {name}", None, "did you mean inventoy.yaml?")
