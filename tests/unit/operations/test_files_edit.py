"""files.line, replace, block: what they ask for, and what they yield (test_files_behaviour runs it)."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.facts.files import FileContents, FindInFile
from ropewalk.facts.files.sed import SedChanges, SedOutput
from ropewalk.model.command import Change, Diff, Upload
from ropewalk.model.errors import OperationError, OperationTypeError, OperationValueError
from ropewalk.operations import files
from ropewalk.operations.files import blocks
from ropewalk.testing import Evaluated, evaluate
from ropewalk.testing.steps import fact_key


def changes(done: Evaluated) -> list[Change]:
    return [step for step in done.steps if isinstance(step, Change)]


def command(done: Evaluated) -> str:
    (step,) = (step for step in done.steps if not isinstance(step, Change | Diff))
    return str(step)


@pytest.mark.parametrize(
    ("found", "arguments", "change", "part"),
    [
        pytest.param(None, {}, Change("line", None, "foo"), "printf '%s\\n' foo ; } >> /f", id="no file"),
        pytest.param([], {}, Change("line", None, "foo"), "printf '%s\\n' foo ; } >> /f", id="no such line"),
        pytest.param(["a foo"], {}, None, "", id="there"),
        pytest.param(["foo"], {"replace": "foo"}, None, "", id="right"),
        pytest.param(["foo"], {"replace": ""}, None, "", id="an empty replacement is none"),
        pytest.param(["foo"], {"replace": "b"}, Change("line", "foo", "b"), "sed -e 's/^.*foo.*$/b/'", id="replaced"),
        pytest.param(
            ["foo"],
            {"replace": "b", "flags": ["g"], "extended_regex": True},
            Change("line", "foo", "b"),
            "sed -E -e 's/^.*foo.*$/b/g'",
            id="options",
        ),
        pytest.param(["foo"], {"present": False}, Change("line", "foo", None), "sed -e '/^.*foo.*$/d'", id="deleted"),
        pytest.param([], {"present": False}, None, "", id="gone"),
        pytest.param(None, {"present": False}, None, "", id="gone with its file"),
    ],
)
def test_line(found: Any, arguments: dict[str, Any], change: Change | None, part: str) -> None:
    done = evaluate(files.line, "/f", "foo", facts={FindInFile: found}, **arguments)
    assert changes(done) == ([change] if change else [])
    if change is None:
        assert done.steps == []
        assert done.noop
    else:
        assert part in command(done)


def find(pattern: str, **more: bool) -> Any:
    arguments = {"interpolate_variables": False, "extended_regex": False, **more}
    return fact_key(FindInFile, path="/f", pattern=pattern, **arguments)


@pytest.mark.parametrize(
    ("arguments", "facts"),
    [
        ({"line": "x", "replace": "a*b"}, {find("^.*x.*$"): [], find("^a\\*b$\n^a\\*b$"): ["a*b"]}),
        ({"line": "a.b"}, {find("^.*a.b.*$"): [], find("^a\\.b$\n^a\\.b$"): ["a.b"]}),
        ({"line": "x", "replace": r"a\/b"}, {find("^.*x.*$"): [], find("^a/b$\n^a/b$"): ["a/b"]}),
        ({"line": r"\(x\)", "replace": r"\1"}, {find(r"^.*\(x\).*$"): []}),
        (
            {"line": "x", "replace": "$V", "interpolate_variables": True},
            {find("^.*x.*$", interpolate_variables=True): [], find("^$V$", interpolate_variables=True): ["v"]},
        ),
    ],
)
def test_a_line_that_the_pattern_does_not_find(arguments: dict[str, Any], facts: dict[Any, Any]) -> None:
    done = evaluate(files.line, "/f", facts=facts, **arguments)
    assert done.steps == []
    assert set(done.asked) == set(facts)


def test_a_literal_line_costs_one_fact() -> None:
    assert evaluate(files.line, "/f", "^foo bar$", facts={find("^foo bar$"): []}).steps


@pytest.mark.parametrize("effect", [True, False, None])
def test_what_sed_makes_of_groups_only_sed_knows(effect: bool | None) -> None:
    facts = {FindInFile: ["k=1"], SedChanges: effect}
    done = evaluate(files.line, "/f", r"\(k\)=.*", replace=r"\1=2", facts=facts)
    assert bool(done.steps) is (effect is not False)


def test_many_lines_are_shown_shortly() -> None:
    found = [f"foo {number}" for number in range(25)]
    shown = changes(evaluate(files.line, "/f", "foo", present=False, facts={FindInFile: found}))
    assert len(shown) == 11
    assert shown[-1] == Change("lines", "15 more", None)


def test_a_replacement_is_one_line() -> None:
    with pytest.raises(OperationValueError, match="one line"):
        evaluate(files.line, "/f", "a", replace="b\nc", facts={FindInFile: []})


@pytest.mark.parametrize("effect", [True, None])
def test_replace(effect: bool | None) -> None:
    done = evaluate(files.replace, "/f", "a", "b", flags=["g"], facts={SedChanges: effect})
    assert changes(done) == [Change("text", "a", "b")]
    assert "sed -e s/a/b/g" in command(done)


def test_replace_nothing() -> None:
    assert evaluate(files.replace, "/f", "a", "b", facts={SedChanges: False}).noop


def test_replace_takes_the_older_name_of_text() -> None:
    assert evaluate(files.replace, "/f", match="a", replace="b", facts={SedChanges: True}).steps


@pytest.mark.parametrize("arguments", [{}, {"text": "a"}, {"replace": "a"}])
def test_replace_needs_both(arguments: dict[str, str]) -> None:
    with pytest.raises(OperationTypeError, match="needs both"):
        evaluate(files.replace, "/f", **arguments)


def test_backups_are_taken_of_what_exists() -> None:
    done = evaluate(files.line, "/f", "a", backup="old", facts={FindInFile: None})
    assert "cp" not in command(done)
    done = evaluate(files.line, "/f", "a", backup="old", facts={FindInFile: []})
    assert command(done).startswith("cp -p /f /f.old && ")


def test_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ropewalk.api.config.Config.DIFF", True)
    facts = {FindInFile: ["a"], SedChanges: True, SedOutput: ["b", "z"], FileContents: ["a", "z"]}
    diff = Diff("/f", "a\nz\n", "b\nz\n")
    assert diff in evaluate(files.line, "/f", "a", replace="b", facts=facts).steps
    assert diff in evaluate(files.replace, "/f", "a", "b", facts=facts).steps
    assert Diff("/f", None, "q\n") in evaluate(files.line, "/f", "q", facts={FindInFile: None}).steps


# -- blocks --------------------------------------------------------------------------------------------

ENDS = ("# BEGIN", "# END")


@pytest.mark.parametrize(
    ("lines", "spans"),
    [
        ([], []),
        (["a", "b"], []),
        (["a", "# BEGIN", "x", "# END", "b"], [(1, 4)]),
        (["# BEGIN", "# END"], [(0, 2)]),
        (["  # BEGIN\t", "x", "# END\r"], [(0, 3)]),
        (["# END", "# BEGIN", "# END"], [(1, 3)]),
        (["# BEGIN x", "a # BEGIN"], []),
        (["# BEGIN", "# END", "# BEGIN", "# END"], [(0, 2), (2, 4)]),
    ],
)
def test_blocks_are_found(lines: list[str], spans: list[tuple[int, int]]) -> None:
    assert blocks.find(lines, ENDS, "/f") == [blocks.Span(*span) for span in spans]


@pytest.mark.parametrize("lines", [["a", "# BEGIN", "b"], ["a", "# BEGIN", "# BEGIN", "# END"]])
def test_a_block_that_does_not_end(lines: list[str]) -> None:
    with pytest.raises(OperationError, match=r"/f: the block that begins in line 2 .* does not end"):
        blocks.find(lines, ENDS, "/f")


@pytest.mark.parametrize(
    ("marker", "begin", "end", "result"),
    [
        (None, None, None, ("# BEGIN PYINFRA BLOCK", "# END PYINFRA BLOCK")),
        ("<!-- {mark} -->", None, None, ("<!-- BEGIN -->", "<!-- END -->")),
        ("; {mark}", "on", "off", ("; on", "; off")),
    ],
)
def test_markers(marker: str | None, begin: str | None, end: str | None, result: tuple[str, str]) -> None:
    assert blocks.markers(marker, begin, end) == result


@pytest.mark.parametrize(
    ("marker", "begin", "end"),
    [("same", None, None), ("# {mark}", "x", "x"), ("a\n{mark}", None, None), ("{mark}", " ", "x")],
)
def test_markers_have_to_differ(marker: str, begin: str | None, end: str | None) -> None:
    with pytest.raises(OperationValueError, match="two different marker lines"):
        blocks.markers(marker, begin, end)


@pytest.mark.parametrize("marker", ["{mark} {x}", "{mark} {", "} {mark}", "{mark} {}", "{mark.x}"])
def test_braces_of_markers(marker: str) -> None:
    with pytest.raises(OperationValueError, match="has braces that are not"):
        blocks.markers(marker, None, None)
    assert blocks.markers("{{{mark}}}", None, None) == ("{BEGIN}", "{END}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "needs `content`"),
        ({"content": ""}, "needs `content`"),
        ({"content": "a\n# END PYINFRA BLOCK"}, "holds its marker line"),
        ({"content": "x", "line": "a"}, "one of before=True and after=True"),
        ({"content": "x", "line": "a", "before": True, "after": True}, "one of before=True and after=True"),
        ({"content": "x", "before": True}, "need a `line`"),
        ({"content": "x", "after": True}, "need a `line`"),
    ],
)
def test_blocks_that_make_no_sense(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(OperationValueError, match=message):
        evaluate(files.block, "/f", facts={FileContents: []}, **arguments)


def test_a_new_file_is_uploaded() -> None:
    text = "# BEGIN PYINFRA BLOCK\nx\n# END PYINFRA BLOCK\n"
    assert evaluate(files.block, "/f", "x", facts={FileContents: None}).steps == [
        Diff("/f", None, text),
        Upload(text.encode(), "/f"),
    ]


@pytest.mark.parametrize(
    "arguments", [{"content": "x"}, {"content": ["x"]}, {"content": "x", "line": "a", "after": True}]
)
def test_a_block_that_is_right(arguments: dict[str, Any]) -> None:
    lines = ["a", "# BEGIN PYINFRA BLOCK", "x", "# END PYINFRA BLOCK"]
    assert evaluate(files.block, "/f", facts={FileContents: lines}, **arguments).noop


@pytest.mark.parametrize(
    ("spans", "new", "program"),
    [
        ([(1, 1)], ["x"], 'NR==2{print ENVIRON["ropewalk_block"]} {print}'),
        ([(5, 5)], ["x"], '{print} END{print ENVIRON["ropewalk_block"]}'),
        ([(1, 3)], ["x"], 'NR==2{print ENVIRON["ropewalk_block"]} NR>1&&NR<=3{next} {print}'),
        ([(1, 3)], [], "NR>1&&NR<=3{next} {print}"),
    ],
)
def test_only_numbers_are_in_the_program(spans: list[tuple[int, int]], new: list[str], program: str) -> None:
    assert blocks.filter_words(5, [blocks.Span(*span) for span in spans], new)[-1] == program
