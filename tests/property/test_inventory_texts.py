"""Whatever an inventory holds, it is read or refused with one clear error; nothing else is raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ropewalk.inventories.ansible.ini import read_ini, value_of
from ropewalk.inventories.ansible.ranges import hosts_in
from ropewalk.inventories.ansible.ssh_args import ssh_data_of
from ropewalk.inventories.ansible.tree import Tree
from ropewalk.inventories.ansible.vars_files import read_ansible_yaml
from ropewalk.inventories.ansible.yaml_groups import read_groups
from ropewalk.inventories.document import groups_in
from ropewalk.inventories.toml_text import read_toml
from ropewalk.inventories.yaml_text import read_yaml
from ropewalk.model.errors import UsageError

words = st.sampled_from(
    ["web", "[", "]", ":", "[web]", "[web:vars]", "[a:children]", "\n", " ", "=", "'", '"', "#", "1", "[1:3]", "hosts:",
     "- ", "{", "}", "  ", "&a", "*a", "<<:", "!vault", ",", "groups:", "data", "children", "\\", "'''", '"""', "-o",
     "ProxyJump", "\t"]
)  # fmt: skip
texts = st.lists(words | st.text(max_size=4), max_size=14).map("".join)


def place_of_error(read: Callable[[], object]) -> str | None:
    """Return where reading says that something is wrong; ``None`` if nothing is."""
    try:
        read()
    except UsageError as error:
        return str(error.where)
    return None


@given(texts)
def test_ini(text: str) -> None:
    tree = Tree()
    if (place := place_of_error(lambda: read_ini(tree, text, "hosts"))) is not None:
        assert place.startswith("hosts")
        return
    tree.finish()
    members = tree.memberships()
    assert set(members) == set(tree.hosts)
    assert all(groups for groups in members.values())  # ungrouped at least


@given(texts)
def test_yaml(text: str) -> None:
    place = place_of_error(lambda: read_groups(Tree(), read_ansible_yaml(text, "i.yml"), "i.yml"))
    assert place is None or place.startswith("i.yml")


@given(texts, st.sampled_from([read_yaml, read_toml]))
def test_documents(text: str, read: Any) -> None:
    place = place_of_error(lambda: groups_in(read(text, "i"), "i"))
    assert place is None or place.startswith("i")


@given(texts)
def test_options_of_ssh(text: str) -> None:
    found: dict[str, Any] = {}
    place = place_of_error(lambda: found.update(ssh_data_of(text, "hosts:1", lambda _: None)))
    assert place in (None, "hosts:1")
    assert all(key.startswith("ssh_") for key in found)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 4), st.booleans())
def test_ranges(first: int, more: int, step: int, padded: bool) -> None:
    last, width = first + more, 3 if padded else 0
    pattern = f"w[{str(first).zfill(width)}:{str(last).zfill(width)}:{step}]x"
    assert hosts_in(pattern, "x")[0] == [f"w{str(number).zfill(width)}x" for number in range(first, last + 1, step)]


@given(st.recursive(st.integers() | st.booleans() | st.none() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_what_python_writes_is_read_as_it_was(value: object) -> None:
    assert value_of(repr(value)) == value
