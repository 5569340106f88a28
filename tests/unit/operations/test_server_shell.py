"""server.shell: what it yields."""

from __future__ import annotations

import pytest

from ropewalk.api import Secret, sh
from ropewalk.model.outcome import Outcome
from ropewalk.model.v3command import HiddenValue, MaskString
from ropewalk.operations import server
from ropewalk.testing import evaluate
from support.play import play


@pytest.mark.parametrize(
    ("commands", "steps"),
    [
        pytest.param("true", ["true"], id="one command"),
        pytest.param(["a", "b"], ["a", "b"], id="several, in order"),
        pytest.param(sh("echo", "a b"), [sh("echo", "a b")], id="a quoted command"),
        pytest.param(Secret("a"), [Secret("a")], id="a secret command"),
        pytest.param([], [], id="none: nothing to do"),
    ],
)
def test_commands_are_yielded_as_they_are(commands, steps):
    assert evaluate(server.shell, commands).steps == steps


@pytest.mark.parametrize("kind", [Secret, HiddenValue, MaskString])
def test_secret_commands_run_and_are_not_shown(kind):
    def deploy():
        server.shell(commands=[kind("echo hunter2 > 'a b'"), kind("cat 'a b' >&2; exit 3")])

    played = play(deploy)
    assert played.machines["a"].read("a b") == "hunter2\n"
    [(_, outcome)] = played.outcomes()
    assert outcome is Outcome.FAILED
    assert "echo hunter2" not in repr(played.events)
    assert "cat 'a b'" not in repr(played.events)
