"""Hosts that Terraform or OpenTofu has made: ``@terraform[/OUTPUT]``, read from ``terraform output -json``.

``@terraform/FILE[:OUTPUT]`` reads a file instead: a state, or what ``output -json`` or ``show -json`` has said.

Formats: https://developer.hashicorp.com/terraform/cli/commands/output,
https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from ropewalk.inventories.program import output_of
from ropewalk.model.errors import InventoryError
from ropewalk.model.suggest import did_you_mean
from ropewalk.model.target import Target

#: The output that a bare ``@terraform`` means.
DEFAULT = "pyinfra_inventory.value"

_FILE = re.compile(r"(?P<file>.+\.(?:json|tfstate))(?::(?P<output>.+))?")

_SHAPE = 'an output is a list of hosts or a map of such lists; a host is "ADDRESS" or {ssh_hostname = "ADDRESS", ...}'


class TerraformInventory:
    """Names hosts, which are reached over SSH."""

    scheme: ClassVar[str] = "terraform"
    handles_execution: ClassVar[bool] = False

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the hosts of an output.

        :param address: where they stand in the document, as in ``servers.value.ips``; before a colon, a file.
        :raises InventoryError: the program is missing or fails, the file is not there, there is no such output, or it
            does not hold hosts.
        """
        named = _FILE.fullmatch(address or "")
        if named is None:
            return hosts_of(_outputs(), address or DEFAULT)
        return hosts_of(outputs_in(_read(Path(named["file"])), named["file"]), named["output"] or DEFAULT)


def hosts_of(outputs: Mapping[str, Any], key: str) -> list[Target]:
    """Return the hosts at a place of what ``terraform output -json`` says.

    :raises InventoryError: there is no such place, or it does not hold hosts.

    >>> [(host.name, host.groups) for host in hosts_of({"ips": {"value": {"web": ["192.0.2.1"]}}}, "ips.value")]
    [('@terraform/192.0.2.1', ('@terraform', 'web'))]
    """
    places = dict(_places(outputs, ""))
    if key not in places:
        lists = [
            place for place, value in places.items() if place.endswith(".value") and isinstance(value, list | dict)
        ]
        hint = did_you_mean(key, lists, kind="outputs") if lists else "there are no outputs: has it been applied?"
        raise InventoryError(f"Terraform has no output {key}", hint=hint)
    found = places[key]
    groups = {None: found} if isinstance(found, list) else found
    if not isinstance(groups, dict):
        raise InventoryError(f"the Terraform output {key} holds no list but a {type(found).__name__}", hint=_SHAPE)
    return [_target(host, group, key) for group, hosts in groups.items() for host in _list(hosts, group, key)]


def outputs_in(document: Any, name: str) -> Mapping[str, Any]:
    """Return the outputs in a document of any kind.

    :param name: what messages call it.
    :raises InventoryError: it is none of those that hold outputs.

    >>> outputs_in({"version": 4, "serial": 1, "outputs": {"ips": {"value": []}}}, "terraform.tfstate")
    {'ips': {'value': []}}
    """
    if isinstance(document, dict) and "planned_values" in document:
        raise InventoryError(f"{name} is a plan: nothing of it is there yet", hint="write: terraform show -json")
    found = document
    if isinstance(document, dict) and "format_version" in document:  # show -json; without values, of an empty state
        found = document.get("values", {}).get("outputs", {})
    elif isinstance(document, dict) and "version" in document and "outputs" in document and "serial" in document:
        if document.get("version") != 4:
            raise InventoryError(f"{name} is a state in an old format", hint="terraform apply writes it anew")
        found = document.get("outputs", {})
    if not isinstance(found, dict):
        raise InventoryError(f"{name} is not a map of outputs")
    return found


def _read(path: Path) -> Any:
    try:
        return json.loads(path.expanduser().read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InventoryError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InventoryError(f"{path} is not JSON: {error}") from error


def _outputs() -> Mapping[str, Any]:
    program = "tofu" if shutil.which("tofu") and not shutil.which("terraform") else "terraform"
    said = output_of([program, "output", "-no-color", "-json"])
    try:
        return outputs_in(json.loads(said), f"what {program} output -json says")
    except ValueError as error:
        raise InventoryError(f"what {program} output -json says is not JSON: {error}") from error


def _places(tree: Mapping[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    """Yield everything in a tree of maps, with the keys on the way to it."""
    for key, value in tree.items():
        yield f"{above}{key}", value
        if isinstance(value, dict):
            yield from _places(value, f"{above}{key}.")


def _list(hosts: Any, group: str | None, key: str) -> list[Any]:
    if not isinstance(hosts, list):
        raise InventoryError(f"{group} in the Terraform output {key} is no list", hint=_SHAPE)
    return hosts


def _target(host: Any, group: str | None, key: str) -> Target:
    data = {"ssh_hostname": host} if isinstance(host, str) else dict(host) if isinstance(host, dict) else {}
    name = data.pop("name", None) or data.get("ssh_hostname")
    if not isinstance(name, str) or not name:
        # The entry may hold passwords: it is not shown.
        raise InventoryError(
            f"the Terraform output {key} holds a {type(host).__name__} that names no host: "
            "it has neither name nor ssh_hostname", hint=_SHAPE,
        )  # fmt: skip
    data.setdefault("ssh_hostname", name)
    return Target(f"@terraform/{name}", data, ("@terraform",) if group in (None, "all") else ("@terraform", group))
