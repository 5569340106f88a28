"""Changes survive a run that fails: what depends on them happens in the next one, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropewalk.model.event import Noted
from ropewalk.model.outcome import Outcome, Prediction, Skip
from support.past import Story
from support.play import Played

CONFIG = 'config = files.line(name="Config", path=OUT + "/conf", line="workers = 4")\n'
FAIL = 'server.shell(name="Fail", commands=["test -e " + OUT + "/repaired"])\n'


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def repair(story: Story, host: str = "a") -> None:
    (story.directory / "out" / host / "repaired").touch()


def notes(played: Played) -> set[str]:
    return {note.message for note in played.of(Noted) if note.level == "info"}


WAYS = {
    "_if": 'say("restart", _if=config.did_change)\n',
    "if changed": 'if config.changed:\n    say("restart")\n',
    "if did_change": 'if config.did_change():\n    say("restart")\n',
    "if will_change": 'if config.will_change:\n    say("restart")\n',
    "one line": 'if config.changed: say("restart")\n',
    "function": 'def handler():\n    if config.changed:\n        say("restart")\nhandler()\n',
    "variable": 'changed = config.changed\nif changed:\n    say("restart")\n',
    "if else": 'if config.changed:\n    say("restart")\nelse:\n    say("nothing")\n',
    "lambda": 'say("restart", _if=lambda: config.did_change() and True)\n',
    "when": 'with host.when(config.did_change):\n    say("restart")\n',
    "callback": 'def inside():\n    if config.changed:\n        say("restart")\npython.call(function=inside)\n',
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("options", [{}, {"plan": False}, {"no_wait": True}], ids=["", "no plan", "no wait"])
def test_what_depends_on_a_change_happens_in_the_next_run(story: Story, way: str, options: dict[str, bool]) -> None:
    deploy = CONFIG + FAIL + WAYS[way]
    first = story.run(deploy, **options)
    assert not first.result.ok
    assert story.said() == []
    repair(story)
    second = story.run(deploy, **options)
    assert second.result.ok
    assert dict(second.outcomes())["Config"] is Outcome.OK
    assert story.said() == ["restart"]
    assert notes(second) == {"Config changed in run 00000001, and what depends on it has not run"}
    assert story.debts() == {}
    third = story.run(deploy, **options)
    assert third.result.ok
    assert story.said() == (["nothing"] if way == "if else" else [])
    assert notes(third) == set()


@pytest.mark.parametrize("way", WAYS)
def test_a_plan_shows_what_will_happen(story: Story, way: str) -> None:
    deploy = CONFIG + FAIL + WAYS[way]
    story.run(deploy)
    shown = story.run(deploy, dry=True)
    assert shown.planned("Config").prediction is Prediction.NO_CHANGE
    if way != "callback":  # it is not called in a plan
        assert shown.planned("restart").prediction is Prediction.CHANGE
        assert notes(shown) == {"Config changed in run 00000001, and what depends on it has not run"}
    assert story.debts() != {}


def test_the_reason_is_part_of_plan_and_result(story: Story) -> None:
    deploy = CONFIG + FAIL + WAYS["_if"]
    story.run(deploy)
    repair(story)
    played = story.run(deploy)
    why = "Config changed in run 00000001, and what depends on it has not run"
    assert played.planned("restart").reason == why
    assert played.ended("restart").reason == why


@pytest.mark.parametrize("way", ["_if", "if changed", "one line", "function", "callback"])
def test_what_was_done_is_not_done_again(story: Story, way: str) -> None:
    deploy = CONFIG + WAYS[way] + FAIL
    story.run(deploy)
    assert story.said() == ["restart"]
    story.run(deploy)
    assert story.said() == []
    repair(story)
    assert story.run(deploy).result.ok
    assert story.said() == []


@pytest.mark.parametrize("way", ["_if", "if changed", "one line", "function", "callback"])
def test_paid_in_a_second_run_that_fails_as_well(story: Story, way: str) -> None:
    deploy = CONFIG + FAIL + WAYS[way] + 'server.shell(name="Later", commands=["false"])\n'
    story.run(deploy)
    repair(story)
    story.run(deploy)
    assert story.said() == ["restart"]
    story.run(deploy)
    assert story.said() == []


def test_only_what_has_not_been_done_is_owed(story: Story) -> None:
    deploy = CONFIG + 'say("one", _if=config.did_change)\n' + FAIL + 'say("two", _if=config.did_change)\n'
    story.run(deploy)
    assert story.said() == ["one"]
    repair(story)
    story.run(deploy)
    assert story.said() == ["two"]


def test_a_body_that_was_begun_is_done_again_as_a_whole(story: Story) -> None:
    body = (
        'if config.changed:\n    say("one")\n    server.shell(name="Fail", commands=["test -e " + OUT + "/repaired"])\n'
    )
    deploy = CONFIG + body + '    say("two")\n'
    story.run(deploy)
    assert story.said() == ["one"]
    repair(story)
    story.run(deploy)
    assert story.said() == ["one", "two"]


def test_a_dependent_that_fails_is_still_owed(story: Story) -> None:
    deploy = CONFIG + (
        'server.shell(name="Restart", commands=["test -e " + OUT + "/repaired", "echo restart >> " + OUT + "/said"],'
        " _if=config.did_change)\n"
    )
    story.run(deploy)
    repair(story)
    assert story.run(deploy).result.ok
    assert story.said() == ["restart"]


RESTART = 'server.shell(name="R", commands=["test -e " + OUT + "/repaired", "echo restart >> " + OUT + "/said"]{})'
BEHIND = {
    "return": f"def handler():\n    if not config.changed:\n        return\n    {RESTART}\nhandler()\n",
    "continue": f"for _ in [1]:\n    if not config.changed:\n        continue\n    {RESTART}\n",
    "flag": f'on = False\nif config.changed:\n    on = True\nsay("between")\nif on:\n    {RESTART}\n',
    "list": f'todo = []\nif config.changed:\n    todo.append(1)\nsay("between")\nif todo:\n    {RESTART}\n',
    "while": f"n = 1\nwhile config.changed and n:\n    n = 0\n    {RESTART}\n",
    "match": f"match config.changed:\n    case True:\n        {RESTART}\n",
    "elif": f"if not host.name:\n    pass\nelif config.changed:\n    {RESTART}\n",
    "and": f"config.changed and {RESTART}\n",
    "comprehension": f"[{RESTART} for c in [config] if c.changed]\n",
    "callback": f"def inside():\n    {RESTART}\npython.call(function=inside, _if=config.did_change)\n",
    "return in a callback": "def inside():\n    if not config.changed:\n        return\n"
    f"    {RESTART}\npython.call(function=inside)\n",
    "deploy": "from ropewalk.api import deploy\n@deploy('D')\ndef d():\n    if config.changed:\n"
    f"        {RESTART}\nd()\n",
    "deploy with a condition": f"from ropewalk.api import deploy\n@deploy('D')\ndef d():\n    {RESTART}\n"
    "d(_if=config.did_change)\n",
    "loop": "for word in host.loop(['x']):\n    " + RESTART + "\n",
    "once": RESTART + "\n",
    "retries": RESTART + "\n",
}
HOW = {
    "loop": ", _if=config.did_change", "once": ", _if=config.did_change, _run_once=True",
    "retries": ", _if=config.did_change, _retries=1, _retry_delay=0",
}  # fmt: skip


@pytest.mark.parametrize("way", BEHIND)
def test_what_depends_is_owed_until_it_was_done_wherever_it_stands(story: Story, way: str) -> None:
    deploy = CONFIG + BEHIND[way].format(HOW.get(way, ""))
    for _ in range(2):
        assert not story.run(deploy).result.ok
        assert "restart" not in story.said()
    repair(story)
    assert story.run(deploy).result.ok
    assert story.said()[-1:] == ["restart"]
    assert story.debts() == {}
    assert story.run(deploy).result.ok
    assert "restart" not in story.said()


def test_a_dependent_in_a_body_whose_failure_was_caught_is_still_owed(story: Story) -> None:
    deploy = CONFIG + (
        "try:\n    if config.changed:\n"
        '        server.shell(name="R", commands=["test -e " + OUT + "/repaired", "echo r >> " + OUT + "/said"])\n'
        'except Exception:\n    pass\nsay("later")\n'
    )
    story.run(deploy)
    assert story.said() == ["later"]
    repair(story)
    assert story.run(deploy).result.ok
    assert story.said() == ["r", "later"]


def test_a_change_of_what_depends_is_passed_on(story: Story) -> None:
    deploy = (
        CONFIG
        + FAIL
        + (
            'unit = files.line(name="Unit", path=OUT + "/unit", line="x", _if=config.did_change)\n'
            'say("reload", _if=unit.did_change)\n'
        )
    )
    story.run(deploy)
    repair(story)
    story.run(deploy)
    assert story.said() == ["reload"]


@pytest.mark.parametrize("how", ["false", "sleep 60"])
def test_what_failed_in_the_middle_has_changed_something(story: Story, how: str) -> None:
    make = 'made = server.shell(name="Make", commands=["echo x >> " + OUT + "/made", "{}"], _timeout=0.2)\n'
    deploy = make + 'say("restart", _if=made.did_change)\n'
    story.run(deploy.format(how))
    again = make.replace("server.shell(", "server.shell(_if=lambda: False, ") + 'say("restart", _if=made.did_change)\n'
    assert story.run(again.format(how)).result.ok
    assert story.said() == ["restart"]


def test_what_failed_at_once_has_not(story: Story) -> None:
    deploy = 'made = server.shell(name="Make", commands=["false"])\n'
    story.run(deploy)
    assert story.debts() == {}


def test_the_opposite_is_answered_accordingly(story: Story) -> None:
    deploy = CONFIG + FAIL + 'say("idle", _if=config.did_not_change)\nsay("restart", _if=config.did_change)\n'
    story.run(deploy)
    repair(story)
    story.run(deploy)
    assert story.said() == ["restart"]


def test_hosts_do_not_owe_each_other(tmp_path: Path) -> None:
    story = Story(tmp_path, ("a", "b"))
    deploy = CONFIG + FAIL + WAYS["_if"]
    repair(story, "b")
    story.run(deploy)
    assert (story.said("a"), story.said("b")) == ([], ["restart"])
    repair(story, "a")
    story.run(deploy)
    assert (story.said("a"), story.said("b")) == (["restart"], [])


CHANGED_DEPLOYS = {
    "moved": "\n\n# a comment\n" + CONFIG + FAIL + "x = 1\n\n" + WAYS["_if"],
    "renamed": CONFIG.replace("Config", "Settings") + FAIL + WAYS["_if"],
    "other arguments": CONFIG.replace(', line="workers = 4"', ', line="workers = 4", backup=False')
    + FAIL
    + WAYS["_if"],
    "another before": 'files.line(name="Other", path=OUT + "/conf", line="workers = 4")\n'
    + CONFIG
    + FAIL
    + WAYS["_if"],
    "dependent moved": CONFIG + WAYS["_if"] + FAIL,
    "dependent renamed": CONFIG + FAIL + 'say("restart", _if=config.did_change, _env={"A": "b"})\n',
    "other condition": CONFIG + FAIL + WAYS["if changed"],
    "without name": CONFIG.replace('name="Config", ', "") + FAIL + WAYS["_if"],
}


@pytest.mark.parametrize("how", CHANGED_DEPLOYS)
def test_an_operation_is_recognised(story: Story, how: str) -> None:
    story.run(CONFIG + FAIL + WAYS["_if"])
    repair(story)
    assert story.run(CHANGED_DEPLOYS[how]).result.ok
    assert story.said() == ["restart"]
    assert story.debts() == {}


def test_a_renamed_file_of_the_same_tree_is_recognised(story: Story) -> None:
    story.run(CONFIG + FAIL + WAYS["_if"], name="deploy.py")
    repair(story)
    story.run(CONFIG + FAIL + WAYS["_if"], name="site.py")
    assert story.said() == ["restart"]
    assert [debt.exact for of in story.debts().values() for debt in of.values()] == []


def test_another_deploy_of_the_tree_settles_nothing(story: Story) -> None:
    story.run(CONFIG + FAIL + WAYS["_if"])
    assert story.run('say("other")\n', name="other.py").result.ok
    assert story.debts() != {}
    repair(story)
    story.said()
    story.run(CONFIG + FAIL + WAYS["_if"])
    assert story.said() == ["restart"]


def test_equal_calls_are_told_apart_by_their_order(story: Story) -> None:
    deploy = 'for number in (1, 2):\n    c = server.shell(name="Same", commands=["true"], _if=lambda: False)\n'
    deploy += CONFIG + FAIL
    story.run(deploy)
    [of] = story.debts().values()
    assert len(of) == 1


def test_operations_of_a_loop_with_one_name(story: Story) -> None:
    loop = 'for n in "xy":\n    c = files.line(name="Part", path=OUT + "/" + n, line=n)\n    say(n, _if=c.did_change)\n'
    (story.directory / "out" / "a" / "y").write_text("y\n")
    story.run(loop.replace("    say", '    server.shell(name="F", commands=["test -e " + OUT + "/repaired"])\n    say'))
    assert story.said() == []
    repair(story)
    story.run(loop)
    assert story.said() == ["x"]  # y was as wanted


def test_no_memory_is_kept_where_it_is_not_wanted(story: Story) -> None:
    deploy = CONFIG + FAIL + WAYS["_if"]
    story.run(deploy, pending=False)
    repair(story)
    story.run(deploy, pending=False)
    assert story.said() == []
    assert not (story.state / "owed").exists()


# -- resume ----------------------------------------------------------------------------------------------

STEPS = 'say("one")\nsay("two")\n' + FAIL + 'say("three")\n'


def test_what_was_done_is_left_out(story: Story) -> None:
    story.run(STEPS)
    assert story.said() == ["one", "two"]
    repair(story)
    played = story.run(STEPS, done=story.done())
    assert played.result.ok
    assert story.said() == ["three"]
    assert played.planned("one").prediction is Prediction.SKIPPED
    ended = played.ended("one")
    assert (ended.outcome, ended.skip, ended.reason) == (Outcome.SKIPPED, Skip.DONE, "done in run 00000001")


def test_a_run_that_resumed_can_be_resumed(story: Story) -> None:
    steps = STEPS + 'server.shell(name="Again", commands=["test -e " + OUT + "/again"])\nsay("four")\n'
    story.run(steps)
    repair(story)
    story.run(steps, done=story.done())
    assert story.said() == ["one", "two", "three"]
    (story.directory / "out" / "a" / "again").touch()
    played = story.run(steps, done=story.done())
    assert story.said() == ["four"]
    reasons = [played.ended(name).reason for name in ("one", "three")]
    assert reasons == ["done in run 00000001", "done in run 00000002"]


def test_what_another_one_wrote_is_not_made_up(story: Story) -> None:
    deploy = 'made = server.shell(name="Make", commands=["echo x"])\n' + FAIL + 'say(made.stdout or "nothing")\n'
    story.run(deploy)
    repair(story)
    played = story.run(deploy, done=story.done())
    assert not played.result.ok
    assert "it was done in run 00000001" in str(played.host_ended().failure)
    assert story.said() == []


def test_what_is_made_of_a_file_that_changed_is_done_again(story: Story) -> None:
    source = story.tree / "app.conf"
    source.write_text("one\n")
    deploy = f'files.put(name="Put", src={str(source)!r}, dest=OUT + "/app.conf")\n' + FAIL
    story.run(deploy)
    source.write_text("two\n")
    repair(story)
    played = story.run(deploy, done=story.done())
    assert played.ended("Put").outcome is Outcome.CHANGED


def test_once_is_once_for_all_hosts(tmp_path: Path) -> None:
    story = Story(tmp_path, ("a", "b"))
    deploy = 'say("migrate", _run_once=True)\n' + FAIL
    repair(story, "a")
    story.run(deploy)
    assert (story.said("a"), story.said("b")) == (["migrate"], [])
    repair(story, "b")
    story.hosts = ("b",)
    assert story.run(deploy, done=story.done()).result.ok
    assert story.said("b") == []


def test_once_is_once_for_a_host_that_did_not_get_to_it(tmp_path: Path) -> None:
    story = Story(tmp_path, ("a", "b"))
    deploy = FAIL + 'server.shell(name="migrate", commands=["echo x >> ../migrated"], _run_once=True)\n'
    repair(story, "a")
    assert story.run(deploy).ended("migrate").outcome is Outcome.CHANGED
    repair(story, "b")
    story.hosts = ("b",)
    played = story.run(deploy, done=story.done())
    assert played.ended("migrate", "b").skip is Skip.DONE


def test_a_change_is_still_a_change_for_what_was_not_done(story: Story) -> None:
    deploy = CONFIG + FAIL + WAYS["_if"]
    story.run(deploy)
    repair(story)
    played = story.run(deploy, done=story.done())
    assert played.ended("Config").skip is Skip.DONE
    assert story.said() == ["restart"]
