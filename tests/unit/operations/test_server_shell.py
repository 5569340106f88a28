"""server.shell: what it yields."""

from __future__ import annotations

import pytest

from ropewalk.api import sh
from ropewalk.operations import server
from ropewalk.testing import evaluate


@pytest.mark.parametrize(
    ("commands", "steps"),
    [
        pytest.param("true", ["true"], id="one command"),
        pytest.param(["a", "b"], ["a", "b"], id="several, in order"),
        pytest.param(sh("echo", "a b"), [sh("echo", "a b")], id="a quoted command"),
        pytest.param([], [], id="none: nothing to do"),
    ],
)
def test_commands_are_yielded_as_they_are(commands, steps):
    assert evaluate(server.shell, commands).steps == steps
