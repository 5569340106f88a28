"""Machines of Vagrant that run: ``@vagrant[/NAME]``, read from ``vagrant status`` and ``vagrant ssh-config``.

Formats: https://developer.hashicorp.com/vagrant/docs/cli/machine-readable, ssh_config(5)
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar

from ropewalk.inventories.program import output_of
from ropewalk.model.errors import InventoryError
from ropewalk.model.suggest import did_you_mean
from ropewalk.model.target import Target

#: Data and groups of machines, beside the Vagrantfile.
OPTIONS = "@vagrant.json"

# A machine that is made anew has another host key at the same address: what Vagrant says of host keys counts too.
_DATA = {
    "hostname": "ssh_hostname",
    "port": "ssh_port",
    "user": "ssh_user",
    "identityfile": "ssh_key",
    "userknownhostsfile": "ssh_known_hosts_file",
    "stricthostkeychecking": "ssh_strict_host_key_checking",
}


class VagrantInventory:
    """Names machines, which are reached over SSH."""

    scheme: ClassVar[str] = "vagrant"
    handles_execution: ClassVar[bool] = False

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the machines that run, or the one of a name.

        :raises InventoryError: Vagrant is missing or fails, or no such machine runs.
        """
        states = dict(states_in(output_of(["vagrant", "status", "--machine-readable"])))
        running = [name for name, state in states.items() if state == "running" and address in (None, name)]
        if not running:
            raise _none_runs(address, states)
        options = _options()
        with ThreadPoolExecutor(max_workers=5) as pool:  # each call takes seconds
            said = list(pool.map(lambda name: output_of(["vagrant", "ssh-config", name]), running))
        return [_target(name, text, options) for name, text in zip(running, said, strict=True)]


def states_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield the machines of ``vagrant status --machine-readable``, each with its state.

    >>> list(states_in("1700000000,web,state,running"))
    [('web', 'running')]
    """
    for line in text.splitlines():
        words = line.strip().split(",", 3)
        if len(words) == 4 and words[2] == "state":
            yield words[1], words[3]


def ssh_data_in(text: str) -> dict[str, Any]:
    """Return the host data that ``vagrant ssh-config`` says; of several identity files the first.

    >>> ssh_data_in('Host web\\n  HostName 127.0.0.1\\n  Port 2222\\n  IdentityFile "/my keys/web"')
    {'ssh_hostname': '127.0.0.1', 'ssh_port': 2222, 'ssh_key': '/my keys/web'}
    """
    data: dict[str, Any] = {}
    for line in text.splitlines():
        keyword, _, value = line.strip().partition(" ")
        key = _DATA.get(keyword.lower())
        if key is not None and value.strip():
            data.setdefault(key, int(value) if key == "ssh_port" else _unquoted(value.strip()))
    return data


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _none_runs(name: str | None, states: Mapping[str, str]) -> InventoryError:
    if name is None:
        return InventoryError("no machine of Vagrant runs here", hint="start them: vagrant up")
    if name in states:
        hint = f"start it: vagrant up {shlex.quote(name)}"
        return InventoryError(f"the machine {name} of Vagrant does not run ({states[name]})", hint=hint)
    meant = did_you_mean(name, list(states), kind="machines")
    return InventoryError(f"there is no machine {name} in Vagrant here", hint=meant)


def _target(name: str, said: str, options: Mapping[str, Any]) -> Target:
    data = ssh_data_in(said)
    if "ssh_hostname" not in data:
        raise InventoryError(f"vagrant ssh-config says no HostName for {name}")
    data |= options.get("data", {}).get(name, {})
    groups = [group for group in options.get("groups", {}).get(name, []) if group != "@vagrant"]
    return Target(f"@vagrant/{name}", data, (*groups, "@vagrant"))


def _options() -> Mapping[str, Any]:
    path = Path(OPTIONS)
    if not path.exists():
        return {}
    try:
        options = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InventoryError(f"{path} is not JSON: {error}") from error
    if not isinstance(options, dict) or not (_maps(options, "data", dict) and _maps(options, "groups", list)):
        hint = '{"data": {"web": {"key": "value"}}, "groups": {"web": ["group"]}}'
        raise InventoryError(f"{path} does not say data and groups of machines", hint=hint)
    return options


def _maps(options: Mapping[str, Any], part: str, kind: type) -> bool:
    found = options.get(part, {})
    return isinstance(found, dict) and all(isinstance(one, kind) for one in found.values())
