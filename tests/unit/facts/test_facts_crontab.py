"""Crontabs: how lines are read, and how they are got."""

from __future__ import annotations

import pytest
from fact_reader import ReadFailed

from ropewalk.facts.crontab import Crontab, CrontabFile, CrontabLines, parse, parse_line

TEXT = """# m h dom mon dow command
MAILTO=root
"QUOTED" = x

*/5 * * * * echo hi
# daily
@daily foo  bar
# pyinfra-name=a b
0 1 * * 1-5 cmd a % b
nonsense
1 2 3 4
"""
ANY = {"hour": "*", "day_of_month": "*", "month": "*", "day_of_week": "*"}


def test_items():
    assert parse(TEXT.split("\n")).commands == [
        {"env": "MAILTO=root", "comments": ["# m h dom mon dow command"]},
        {"env": '"QUOTED" = x', "comments": []},
        {"command": "echo hi", "minute": "*/5", **ANY, "comments": []},
        {"command": "foo  bar", "special_time": "@daily", "comments": ["# daily"]},
        {
            "command": "cmd a % b",
            **ANY,
            "minute": 0,
            "hour": 1,
            "day_of_week": "1-5",
            "comments": ["# pyinfra-name=a b"],
        },
    ]


def test_looking_things_up():
    crontab = parse(TEXT.split("\n"))
    [*_, named] = crontab.commands
    assert crontab.get_command("cmd a % b") == crontab.get_command(name="a b") == crontab.get("a b") == named
    assert crontab.get("echo hi")["minute"] == "*/5"
    assert crontab.get_env("MAILTO") == crontab.get_env("MAILTO=root") == crontab.get("MAILTO=root")
    assert crontab.get("x") is crontab.get_command("x") is crontab.get_command(name="x") is crontab.get_env("x") is None
    assert crontab.items()["echo hi"] == crontab.get("echo hi")
    assert next(iter(crontab.items())) == "MAILTO=root"


def test_writing_it_again():
    again = parse(str(parse(TEXT.split("\n"))).split("\n"))
    assert again == parse(TEXT.split("\n"))
    assert str(CrontabFile({"x": {"minute": 5}})) == "5 * * * * x"
    assert repr(CrontabFile()) == "CrontabFile([])"
    assert CrontabFile().to_json() == []


@pytest.mark.parametrize("line", ["", "  ", "# x", "@daily", "* * * * *", "a b c"])
def test_lines_that_are_no_items(line):
    assert parse_line(line) is None


def crontab_program(read, tmp_path, text):
    (tmp_path / "crontab").write_text(f"#!/bin/sh\n{text}\n")
    (tmp_path / "crontab").chmod(0o755)
    read.env["PATH"] = f"{tmp_path}:{read.env['PATH']}"


def test_whose_crontab(read, tmp_path):
    crontab_program(read, tmp_path, 'echo "* * * * * $*"')
    assert read(CrontabLines) == ["* * * * * -l"]
    assert read(Crontab, user="a b").commands[0]["command"] == "-u a b -l"


@pytest.mark.parametrize(
    "message",
    ["no crontab for root", "crontab: no crontab for ann", "crontab: can't open 'a': No such file or directory"],
)
def test_no_crontab(read, tmp_path, message):
    crontab_program(read, tmp_path, f'echo "{message}" >&2; exit 1')
    assert read(CrontabLines) == []
    assert read(Crontab) == CrontabFile()


@pytest.mark.parametrize("message", ["must be privileged to use -u", "You (ann) are not allowed to use this program"])
def test_a_crontab_that_may_not_be_read(read, tmp_path, message):
    crontab_program(read, tmp_path, f'echo "{message}" >&2; exit 1')
    with pytest.raises(ReadFailed, match=r"privileged|allowed"):
        read(Crontab)
