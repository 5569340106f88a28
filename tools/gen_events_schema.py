"""Writes ``docs/schema/events.json``, which describes the lines of ``--events``, from the classes of the events.

::

    python tools/gen_events_schema.py            write it
    python tools/gen_events_schema.py --check    only say whether that would change it (exit status 1: it would)

A schema that differs from the one that is there is written only if ``SCHEMA_VERSION`` in ``report/jsonl.py`` was
raised: its first number when a reader of the old lines may stumble, its second when there is only more to read.
"""

from __future__ import annotations

import enum
import inspect
import json
import re
import sys
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

from ropewalk.model.outcome import ExitStatus
from ropewalk.report.jsonl import NAMES, SCHEMA_VERSION, told

FILE = Path(__file__).parents[1] / "docs" / "schema" / "events.json"

#: What every line begins with.
HEAD: Mapping[str, dict[str, Any]] = {
    "schema_version": {"const": SCHEMA_VERSION, "description": "Of this schema."},
    "run": {"type": "string", "description": "The same in all lines of a run, another one in each run."},
    "seq": {"type": "integer", "minimum": 1, "description": "Counts the lines of a run; without gaps."},
    "time": {"type": "string", "format": "date-time", "description": "When it happened, in UTC (RFC 3339)."},
}
SIMPLE: Mapping[object, dict[str, Any]] = {
    str: {"type": "string"}, int: {"type": "integer"}, float: {"type": "number"}, bool: {"type": "boolean"},
    type(None): {"type": "null"}, object: {},
}  # fmt: skip


def schema(kinds: Mapping[type, str] = NAMES, version: str = SCHEMA_VERSION) -> dict[str, Any]:
    """Return the schema of lines that tell of these kinds of events."""
    found: dict[type, None] = {}
    events = {name: _event(kind, name, found) for kind, name in kinds.items()}
    definitions: dict[str, Any] = {}
    while len(definitions) < len(found):
        for kind in list(found):
            definitions[kind.__name__] = _object(kind, found)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line that ropewalk --events writes",
        "description": "One event of a run. Every ..._started has its ..._ended; the last line is run_ended.",
        "type": "object",
        "properties": {**HEAD, "schema_version": {**HEAD["schema_version"], "const": version}},
        "required": [*HEAD, "event"],
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in events],
        "$defs": {**events, **dict(sorted(definitions.items()))},
    }


def _event(kind: type, name: str, found: dict[type, None]) -> dict[str, Any]:
    made = _object(kind, found)
    made["properties"] = {"event": {"const": name}, **made["properties"]}
    made["required"] = ["event", *made["required"]]
    return made


def _object(kind: type, found: dict[type, None]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    properties: dict[str, Any] = {}
    for name in told(kind):
        properties[name] = _type(hints[name], found)
        if hints[name] is ExitStatus:
            properties["exit_code"] = {"enum": [int(status) for status in ExitStatus]}
    about = inspect.getdoc(kind) or ""
    for name, text in re.findall(r"^:param (\w+): (.+(?:\n {4}.+)*)", about, re.MULTILINE):
        if name in properties:
            properties[name] = {**properties[name], "description": " ".join(text.replace("``", "").split())}
    described = {} if about.startswith(f"{kind.__name__}(") else {"description": _first(about)}
    return {**described, "type": "object", "properties": properties, "required": list(properties)}


def _first(text: str) -> str:
    return " ".join(text.split("\n\n")[0].replace("``", "").split())


def _type(hint: Any, found: dict[type, None]) -> dict[str, Any]:
    """Return the schema of a field by its type."""
    if hint in SIMPLE:
        return dict(SIMPLE[hint])
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return {"anyOf": [_type(part, found) for part in typing.get_args(hint)]}
    if typing.get_origin(hint) is tuple:
        return {"type": "array", "items": _type(typing.get_args(hint)[0], found)}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        names = issubclass(hint, ExitStatus)
        return {"enum": [member.name.lower() if names else member.value for member in hint]}
    if is_dataclass(hint) and isinstance(hint, type):
        found[hint] = None
        return {"$ref": f"#/$defs/{hint.__name__}"}
    raise TypeError(f"no schema for {hint!r}")


# -- versions -------------------------------------------------------------------------------------------


def needed(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return the least version of a schema that takes another one's place.

    >>> needed({"properties": {"schema_version": {"const": "1.3"}}, "$defs": {}}, {"$defs": {"more": {}}})
    '1.4'
    """
    first, second = map(int, old["properties"]["schema_version"]["const"].split("."))
    before, after = _essence(old), _essence(new)
    if before == after:
        return f"{first}.{second}"
    return f"{first}.{second + 1}" if _only_adds(before, after) else f"{first + 1}.0"


def _essence(given: Any) -> Any:
    """Return what a schema says, without its version and what only people read."""
    if isinstance(given, dict):
        said = {key: _essence(value) for key, value in given.items() if not _is_for_people(key, value)}
        return {key: sorted(value) if key == "required" else value for key, value in said.items()}
    return [_essence(item) for item in given] if isinstance(given, list) else given


def _is_for_people(key: str, value: Any) -> bool:
    return (key in ("description", "title") and isinstance(value, str)) or key == "schema_version"


def _only_adds(before: Any, after: Any) -> bool:
    """Say whether everything that was there still is: more keys, and more events, are fine for readers."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(
            key in after and (before[key] == after[key] or _adds(key, before[key], after[key])) for key in before
        )
    return bool(before == after)


def _adds(key: str, before: Any, after: Any) -> bool:
    if key in ("required", "oneOf") and isinstance(before, list):
        return all(item in after for item in before)
    return isinstance(before, dict) and _only_adds(before, after)


def _is_less(version: str, other: str) -> bool:
    return [int(part) for part in version.split(".")] < [int(part) for part in other.split(".")]


def main(argv: Iterable[str], file: Path = FILE) -> int:
    """Do what the arguments say; return the exit status."""
    made = schema()
    text = json.dumps(made, indent=2) + "\n"
    before = file.read_text() if file.exists() else ""
    if text == before:
        return 0
    if "--check" in argv:
        print(f"{file.name} is not what tools/gen_events_schema.py makes of the events", file=sys.stderr)
        return 1
    if before and _is_less(SCHEMA_VERSION, least := needed(json.loads(before), made)):
        print(f"the events have changed: raise SCHEMA_VERSION in report/jsonl.py to {least}", file=sys.stderr)
        return 1
    file.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
