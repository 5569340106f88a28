"""The examples of docs/apt.md: calls that the operations accept."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType, SimpleNamespace

from ropewalk.api.operation import Operation
from ropewalk.model.arguments import declared
from ropewalk.operations import apt, systemd

PAGE = Path(__file__).parents[3] / "docs" / "apt.md"


def _recorder(module: ModuleType, calls: list[str]) -> SimpleNamespace:
    def record(name, operation):
        def call(*args, **kwargs):
            own = {key: value for key, value in kwargs.items() if key not in declared()}
            inspect.signature(operation._inner).bind(*args, **own)
            assert set(own) <= set(inspect.signature(operation._inner).parameters)
            calls.append(name)
            return SimpleNamespace(changed=True)

        return call

    return SimpleNamespace(
        **{name: record(name, value) for name, value in vars(module).items() if isinstance(value, Operation)}
    )


def test_examples():
    calls: list[str] = []
    known = {"apt": _recorder(apt, calls), "systemd": _recorder(systemd, calls)}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        code = re.sub(r"^from ropewalk\.operations import .*$", "", block, flags=re.MULTILINE)
        exec(code, dict(known))  # noqa: S102 - our own page
    assert calls == ["key", "repo", "packages", "service", "update"]


def test_every_operation_is_on_the_page():
    text = PAGE.read_text()
    names = [f"apt.{name}" for name, value in vars(apt).items() if isinstance(value, Operation)]
    assert names
    assert [name for name in names if name not in text] == []
