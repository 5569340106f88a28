"""``ropewalk INVENTORY debug-inventory``: show hosts, their groups and their data; touches no host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

from ropewalk.cli.output import write_document, writing
from ropewalk.cli.run import Session
from ropewalk.inventories import describe
from ropewalk.model.errors import UsageError
from ropewalk.model.outcome import ExitStatus
from ropewalk.model.result import RunResult
from ropewalk.report.text import clean
from ropewalk.report.values import plain


def run(session: Session, inventory: str, words: Sequence[str]) -> int:
    """Show the inventory and return the exit status."""
    if words:
        raise UsageError(f"debug-inventory takes no arguments, but there is {words[0]}")
    setup = session.prepare(inventory)
    described = describe(setup.inventory, setup.hosts, session.options.blame)
    if session.options.json:
        result = RunResult(status=ExitStatus.OK, mode="inventory")
        write_document(result, session.data, inventory=described)
    else:
        with writing(session.data):
            write(described, session.data)
    return int(ExitStatus.OK)


def write(described: Sequence[Mapping[str, Any]], data: IO[str]) -> None:
    """Write hosts for people."""
    for host in described:
        data.write(f"{clean(host['name'])}\n")
        if "blame" in host:
            for group, where in host["blame"]["groups"].items():
                data.write(clean(f"  group {group}  # {where}") + "\n")
        else:
            data.write(f"  groups: {', '.join(host['groups'])}\n")
        for key, value in sorted(host["data"].items()):
            data.write(f"  {key} = {clean(repr(plain(value)))}{_places(host, key)}\n")


def _places(host: Mapping[str, Any], key: str) -> str:
    """Return where a value comes from, and where those that it wins over are."""
    if "blame" not in host:
        return ""
    first, *others = (f"{place['of']}, {place['where']}" for place in host["blame"]["data"][key])
    return clean(f"  # {first}" + "".join(f"; not {other}" for other in others))
