"""What each host's variables are: of the inventory, ``group_vars/`` and ``host_vars/``, by Ansible's precedence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ropewalk.inventories.ansible.templates import Template, Unsafe, World, has_secret, is_template
from ropewalk.inventories.ansible.tree import ALL, Tree
from ropewalk.inventories.ansible.vars_files import VarsFiles
from ropewalk.model.deferred import Deferred
from ropewalk.model.record import record
from ropewalk.model.sourced import Sourced


@record
class Variables:
    """An inventory of Ansible, resolved.

    :ivar groups: the groups of each host but ``all``, each with where it was put in; the variables of the later win.
    :ivar shared: the variables of each group.
    :ivar own: what wins over the variables of the groups, by host.
    :ivar exact: all variables of each host: what ``ansible-inventory --list`` says.
    """

    groups: Mapping[str, Sequence[tuple[str, str]]]
    shared: Mapping[str, Sourced]
    own: Mapping[str, Sourced]
    exact: Mapping[str, Sourced]


def variables_of(tree: Tree, files: Sequence[VarsFiles], exact: Mapping[str, Sourced] | None = None) -> Variables:
    """Return the variables of all hosts of an inventory.

    :param files: places with ``group_vars`` and ``host_vars``; what the later ones say wins.
    :param exact: all variables of each host, where they are known already.
    :raises LoadError: one of these files makes no sense.
    """
    tree.finish()
    beside = [{group: place.of_group(group) for group in tree.groups} for place in files]
    of_hosts = {host: [place.of_host(host) for place in files] for host in tree.hosts}
    memberships = tree.memberships()
    shared = {
        name: merged([group.variables, *(place[name] for place in beside)]) for name, group in tree.groups.items()
    }
    whole, own = {}, {}
    for host, variables in tree.hosts.items():
        names = [name for name, _ in memberships[host]]
        of_host = [variables, *of_hosts[host]]
        whole[host] = exact[host] if exact else merged(_in_order(tree, names, beside, of_host))
        own[host] = _unlike(merged([shared[name] for name in (ALL, *names)]), whole[host], merged(of_host))
    return Variables(memberships, shared, own, whole)


def _in_order(
    tree: Tree, names: Sequence[str], beside: Sequence[Mapping[str, Sourced]], of_host: Sequence[Sourced]
) -> list[Sourced]:
    """Return what counts for a host, the weakest first; ``group_vars/all`` wins over any group in the inventory."""
    inventory = [tree.groups[name].variables for name in (ALL, *names)]
    of_all = [place[ALL] for place in beside]
    of_groups = [place[name] for place in beside for name in names]
    return [*inventory, *of_all, *of_groups, *of_host]


def _unlike(layers: Sourced, exact: Sourced, own: Sourced) -> Sourced:
    """Return a host's own variables, and those that the order of its groups alone would give another value."""
    made = merged([own])
    for key, value in exact.items():
        if key not in own and not (key in layers and _same(layers[key], value)):
            made.put(key, value, exact.place(key))
    return made


def _same(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and not isinstance(one, Deferred) and bool(one == other))


def merged(layers: Iterable[Sourced]) -> Sourced:
    """Return all variables; those of the later layer win."""
    made = Sourced()
    for layer in layers:
        made.take(layer)
    return made


_PLAIN = frozenset({int, bool, float, type(None)})


def with_templates(data: Sourced, world: World) -> Sourced:
    """Return variables of which those that refer to others are worked out when they are used."""
    made = Sourced(data, data.where, data.places)
    for key, value in data.items():
        if type(value) in _PLAIN:
            continue
        if is_template(value) or (not isinstance(value, Deferred) and has_secret(value)):
            made[key] = Template(value, f"{data.place(key)}", world)
        elif isinstance(value, Unsafe):
            made[key] = str(value)
    return made


def default_places(sources: Sequence[Path], cwd: Path) -> list[Path]:
    """Return the directories whose ``group_vars`` and ``host_vars`` count: of the sources, then the working one."""
    found = [source if source.is_dir() else source.parent for source in sources]
    return list({place.resolve(): place for place in [*found, cwd]}.values())
