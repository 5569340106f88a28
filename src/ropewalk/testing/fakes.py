"""Fake hosts for tests of whole deploys: what ``@fake`` is in an inventory, as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropewalk.api.inventory import ALL, Inventory
from ropewalk.connectors.fake import FakeHost
from ropewalk.engine.request import prepare
from ropewalk.shell.how import How


def fake_inventory(
    hosts: Mapping[str, FakeHost | Mapping[str, Any]], data: Mapping[str, Any] | None = None, **groups: list[str]
) -> Inventory:
    """Return an inventory whose hosts are fake, under the names that a deploy knows.

    :param hosts: each host's name, and either the host or its data: ``{"fake_host": FakeHost(), "port": 80}``.
    :param data: data of all hosts.
    :param groups: the names of the hosts in each group.
    :returns: an inventory for :func:`ropewalk.run`.

    ::

        web1 = FakeHost({"uname -s": "Linux"})
        result = run("deploy.py", fake_inventory({"web1": web1}, {"port": 80}, web=["web1"]))
    """
    entries = [(name, {"fake_host": own} if isinstance(own, FakeHost) else dict(own)) for name, own in hosts.items()]
    made = Inventory.of({ALL: (entries, dict(data or {})), **{name: (members, {}) for name, members in groups.items()}})
    for host in made:
        host.scheme = "fake"
    return made


def fact_command(fact: type, /, *args: Any, **kwargs: Any) -> str:
    """Return the command that a host is asked a fact with: a pattern for the answers of a fake host.

    :param fact: the fact's class.
    :raises FactTypeError: these are not its arguments.

    ::

        FakeHost({fact_command(Kernel): "Linux"})
    """
    return prepare(fact, args, kwargs, How.of({})).full_command
