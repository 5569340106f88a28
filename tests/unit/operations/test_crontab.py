"""crontab.crontab: what becomes of the lines of a crontab, and what is refused."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.facts.crontab import CrontabLines, parse_line
from ropewalk.facts.server import Command
from ropewalk.model.command import Change, Diff, Shell
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import crontab
from ropewalk.operations.crontab.table import Job, edited, schedule
from ropewalk.testing import evaluate, fact_key
from support.hostile import HOSTILE

RUN = "* * * * * run"
NAMED = ["# pyinfra-name=n", RUN]


@pytest.mark.parametrize(
    ("before", "job", "after"),
    [
        ([], Job("@daily", "run"), ["@daily run"]),
        ([], Job("@daily", "run", "n"), ["# pyinfra-name=n", "@daily run"]),
        (["A=b", "", "# c"], Job("@daily", "run"), ["A=b", "", "# c", "@daily run"]),
        ([RUN], Job("* * * * *", "run"), [RUN]),
        (["*  * * *\t*   run "], Job("* * * * *", "run"), ["*  * * *\t*   run "]),
        ([RUN], Job("@daily", "run"), ["@daily run"]),
        ([RUN, "1 * * * * run"], Job("@daily", "run"), ["@daily run"]),
        (["* * * * * run fast"], Job("@daily", "run"), ["* * * * * run fast", "@daily run"]),
        (["* * * * * ru."], Job("@daily", "run"), ["* * * * * ru.", "@daily run"]),
        (NAMED, Job("@daily", "other", "n"), ["# pyinfra-name=n", "@daily other"]),
        (NAMED, Job("* * * * *", "run", "n"), NAMED),
        (NAMED, Job("@daily", "run", "m"), [*NAMED, "# pyinfra-name=m", "@daily run"]),
        (NAMED, Job("@daily", "run"), ["# pyinfra-name=n", "@daily run"]),
        ([*NAMED, "1 * * * * run"], Job("@daily", "run"), [*NAMED, "@daily run"]),
    ],
)
def test_a_job_that_should_be_there(before, job, after):
    assert edited(before, job, True) == after
    assert edited(after, job, True) == after


@pytest.mark.parametrize(
    ("before", "job", "after"),
    [
        ([], Job("@daily", "run"), []),
        ([RUN, "A=b"], Job("@daily", "run"), ["A=b"]),
        ([RUN, "1 * * * * run"], Job("@daily", "run"), []),
        (["* * * * * run fast"], Job("@daily", "run"), ["* * * * * run fast"]),
        (["# c", *NAMED, "A=b"], Job("@daily", "other", "n"), ["# c", "A=b"]),
        (NAMED, Job("@daily", "run"), []),
        ([*NAMED, RUN], Job("@daily", "run"), []),
        (NAMED, Job("@daily", "run", "m"), NAMED),
        (["# pyinfra-name=n", "", RUN], Job("@daily", "x", "n"), ["# pyinfra-name=n", "", RUN]),
    ],
)
def test_a_job_that_should_be_gone(before, job, after):
    assert edited(before, job, False) == after
    assert edited(after, job, False) == after


LINES = st.sampled_from(
    ["", "# c", "A=b", RUN, "@daily run", "1 2 3 4 5 other", "# pyinfra-name=n", "# pyinfra-name=m"]
)
JOBS = st.builds(Job, st.sampled_from(["@daily", "* * * * *"]), st.sampled_from(["run", "other"]),
                 st.sampled_from([None, "n", "m"]))  # fmt: skip


@given(st.lists(LINES, max_size=8), JOBS)
def test_a_job_is_there_once_whatever_was_before(lines, job):
    after = edited(lines, job, True)
    assert edited(after, job, True) == after
    assert job.line in after
    names = {line for line in lines if line.startswith("# pyinfra-name=")}
    others = [line for line in lines if line not in names and "command" not in (parse_line(line) or {})]
    assert [line for line in after if line in others] == others


def test_a_name_that_is_there_twice_names_nothing_else():
    assert edited([*NAMED, *NAMED, RUN], Job("@daily", "run", "n"), True) == [NAMED[0], "@daily run", RUN]


@pytest.mark.parametrize(
    ("given", "when"),
    [
        ((None, None, None, None, None, None), "* * * * *"),
        ((0, 1, 2, 3, 4, None), "0 1 2 3 4"),
        (([0, "30"], "*/2", "1-5", ("jan", "MAR"), "mon-fri", None), "0,30 */2 1-5 jan,MAR mon-fri"),
        ((None, None, None, None, None, "@daily"), "@daily"),
        ((None, None, None, None, None, "reboot"), "@reboot"),
        (("0~30", None, None, None, None, None), "0~30 * * * *"),
    ],
)
def test_schedules(given, when):
    assert schedule(*given) == when


@pytest.mark.parametrize("field", ["", "1 2", "*;x", True, [], "$(x)", "\n"])
def test_fields_that_are_none(field):
    with pytest.raises(OperationValueError, match="is not a field"):
        schedule(field, None, None, None, None, None)


@pytest.mark.parametrize(("minute", "special"), [(0, "@daily"), (None, "@a b"), (None, ""), (None, "@")])
def test_special_times_that_are_none(minute, special):
    with pytest.raises(OperationValueError):
        schedule(minute, None, None, None, None, special)


@pytest.mark.parametrize("command", ["", "a\nb", "a\rb", "a\0b", " "])
def test_commands_that_are_no_line(command):
    with pytest.raises(OperationValueError, match="must be text on one line"):
        evaluate(crontab.crontab, command)


def test_a_job_with_a_name_is_removed_whatever_it_runs():
    before = ["# pyinfra-name=n", "@daily x", "@daily y"]
    done = evaluate(crontab.crontab, "", False, cron_name="n", interpolate_variables=True, facts={CrontabLines: before})
    assert done.steps[:2] == [Change("crontab", line, None) for line in before[:2]]
    for arguments in ({"cron_name": "n"}, {"present": False}):
        with pytest.raises(OperationValueError, match="must be text on one line"):
            evaluate(crontab.crontab, "", **arguments)


@pytest.mark.parametrize("user", ["-x", "a b", ""])
def test_users_that_are_none(user):
    with pytest.raises(OperationValueError, match="cannot be the name of a user"):
        evaluate(crontab.crontab, "x", user=user)


def test_what_a_plan_says():
    facts = {fact_key(CrontabLines, user="ann"): [RUN]}
    change, diff, command = evaluate(crontab.crontab, "run", user="ann", minute=5, facts=facts).steps
    assert change == Change("crontab", RUN, "5 * * * * run")
    assert diff == Diff("crontab of ann", f"{RUN}\n", "5 * * * * run\n")
    assert str(command) == "set -- '5 * * * * run' && crontab -u ann - <<EOF\n$1\nEOF"


def test_nothing_to_do():
    assert evaluate(crontab.crontab, "run", facts={CrontabLines: [RUN]}).noop == "the job is in the crontab"
    done = evaluate(crontab.crontab, "run", present=False, facts={CrontabLines: []})
    assert (done.steps, done.noop) == ([], "the job is not in the crontab")


def test_a_crontab_that_is_not_utf8_is_left_alone():
    with pytest.raises(OperationError, match="not UTF-8"):
        evaluate(crontab.crontab, "run", facts={CrontabLines: ["* * * * * caf\ufffd"]})


@pytest.mark.parametrize("text", HOSTILE)
def test_commands_arrive_as_they_are(tmp_path, text):
    (tmp_path / "crontab").write_text(f"#!/bin/sh\ncat >'{tmp_path}/new'\n")
    (tmp_path / "crontab").chmod(0o755)
    *_, command = evaluate(crontab.crontab, text, cron_name=text, facts={CrontabLines: []}).steps
    assert isinstance(command, Shell)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    subprocess.run(["sh", "-c", command.render()], env=environment, cwd=tmp_path, check=True)
    assert (tmp_path / "new").read_text() == f"# pyinfra-name={text}\n* * * * * {text}\n"


def test_variables_are_expanded_on_the_host():
    done = evaluate(crontab.crontab, "cd $HOME", interpolate_variables=True,
                    facts={Command: "cd /root", CrontabLines: ["* * * * * cd /root"]})  # fmt: skip
    assert done.steps == []
