"""files.put, template, get: what they yield."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest

from ropewalk.facts.files import Directory, File, FileContents, Link, Sha1File
from ropewalk.facts.server import Date
from ropewalk.model.command import Call, Change, Diff, Download, Raw, Secret, Upload, sh
from ropewalk.model.errors import OperationError, OperationTypeError, OperationValueError, UnknownUntilApplied
from ropewalk.operations import files
from ropewalk.operations.files import content, templates
from ropewalk.testing import evaluate
from ropewalk.testing.steps import fact_key


def info(mode: int = 644, size: int = 5, **more: Any) -> dict[str, Any]:
    return {"user": "root", "group": "root", "mode": mode, "size": size, "mtime": None, "atime": None, **more}


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


ABSENT = {File: None, Directory: {"mode": 755}}
SAME = {File: info(), Sha1File: sha1("hello")}
OTHER = {File: info(), Sha1File: sha1("other")}
CHANGED = Change("content", f"sha1 {sha1('other')[:12]}", f"sha1 {sha1('hello')[:12]}")


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").write_text("hello")
    (tmp_path / "src").chmod(0o751)
    return tmp_path


@pytest.mark.parametrize(
    ("facts", "arguments", "steps"),
    [
        pytest.param(ABSENT, {}, [Upload(b"hello", "/d/x")], id="absent"),
        pytest.param(
            ABSENT,
            {"user": "u", "group": "g", "mode": 600},
            [Upload(b"hello", "/d/x", "600", "u", "g")],
            id="in one step",
        ),
        pytest.param(ABSENT, {"mode": "u+x"}, [Upload(b"hello", "/d/x", "u+x")], id="symbols for a new file"),
        pytest.param(
            {File: None, Directory: None}, {}, [sh("mkdir", "-p", "/d"), Upload(b"hello", "/d/x")], id="no dir"
        ),
        pytest.param(
            {File: None, Directory: None},
            {"user": "u"},
            [sh("mkdir", "-p", "/d"), sh("chown", "u", "/d"), Upload(b"hello", "/d/x", user="u")],
            id="a directory of the same owner",
        ),
        pytest.param(
            {File: None}, {"create_remote_dir": False}, [Upload(b"hello", "/d/x")], id="directory not asked for"
        ),
        pytest.param(
            {File: None, Directory: False, Link: {"link_target": "/e"}},
            {},
            [Upload(b"hello", "/d/x")],
            id="dir is a link",
        ),
        pytest.param(SAME, {}, [], id="same"),
        pytest.param(SAME, {"user": "root", "group": "root", "mode": "0644"}, [], id="same, attributes too"),
        pytest.param(
            SAME, {"mode": 600}, [Change("mode", "644", "600"), sh("chmod", "600", "/d/x")], id="only the mode differs"
        ),
        pytest.param(
            SAME, {"user": "u"}, [Change("user", "root", "u"), sh("chown", "u", "/d/x")], id="only the owner differs"
        ),
        pytest.param(SAME, {"force": True}, [Upload(b"hello", "/d/x")], id="forced"),
        pytest.param(OTHER, {}, [CHANGED, Upload(b"hello", "/d/x")], id="other content of equal size"),
        pytest.param(
            OTHER,
            {"mode": "u+x", "user": "u"},
            [CHANGED, Change("user", "root", "u"), Change("mode", "644", "744"), Upload(b"hello", "/d/x", "744", "u")],
            id="content, owner and mode in one step",
        ),
        pytest.param(
            {File: info(size=9)},
            {},
            [Change("content", "9 bytes", "5 bytes"), Upload(b"hello", "/d/x")],
            id="another size",
        ),
    ],
)
def test_put(facts: dict[Any, Any], arguments: dict[str, Any], steps: list[Any]) -> None:
    done = evaluate(files.put, StringIO("hello"), "/d/x", facts=facts, **arguments)
    assert done.steps == steps
    assert bool(done.noop) is not bool(steps)


@pytest.mark.parametrize("src", [StringIO("hello"), BytesIO(b"hello"), b"hello", Secret("hello")])
def test_content_is_taken_from_its_start_each_time(src: Any) -> None:
    for _ in range(2):
        assert evaluate(files.put, src, "/d/x", facts=SAME).steps == []
        (upload,) = evaluate(files.put, src, "/d/x", facts=ABSENT).steps
        assert content.Content(upload.source).text() == (None if isinstance(src, Secret) else "hello")


def test_a_file_is_sent_by_name(local: Path) -> None:
    assert evaluate(files.put, "src", "/d/x", facts=ABSENT).steps == [Upload(str(local / "src"), "/d/x")]
    assert evaluate(files.put, local / "src", "/d/x", facts=ABSENT).steps == [Upload(str(local / "src"), "/d/x")]
    assert evaluate(files.put, "src", "/d/x", facts=ABSENT, add_deploy_dir=False).steps == [Upload("src", "/d/x")]
    assert evaluate(files.put, "src", "/d/x", facts=ABSENT, mode=True).steps == [
        Upload(str(local / "src"), "/d/x", "751")
    ]


def test_nothing_is_remembered_of_a_file(local: Path) -> None:
    assert evaluate(files.put, "src", "/d/x", facts=SAME).steps == []
    (local / "src").write_text("HELLO")
    assert len(evaluate(files.put, "src", "/d/x", facts=SAME).steps) == 2


@pytest.mark.parametrize(("name", "problem"), [("missing", "does not exist"), (".", "is not a file")])
def test_a_local_file_that_is_not_there(local: Path, name: str, problem: str) -> None:
    with pytest.raises(OperationError, match=f"the local file .*{name} {problem}"):
        evaluate(files.put, name, "/d/x", facts=ABSENT)


def test_a_local_file_may_be_made_later(local: Path) -> None:
    upload = Upload(str(local / "later"), "/d/x")
    assert evaluate(files.put, "later", "/d/x", facts=ABSENT, assume_exists=True, mode=True).steps == [upload]
    changed = Change("content", "something", "not known yet")
    assert evaluate(files.put, "later", "/d/x", facts=SAME, assume_exists=True).steps == [changed, upload]


@pytest.mark.parametrize("mode", [False, None])
def test_no_mode(mode: bool | None) -> None:
    assert evaluate(files.put, b"hello", "/d/x", facts=SAME, mode=mode).steps == []


def test_mode_of_content_there_is_no_file_of() -> None:
    with pytest.raises(OperationValueError, match="mode=True needs a local file"):
        evaluate(files.put, b"hello", "/d/x", facts=SAME, mode=True)


def test_what_cannot_be_uploaded() -> None:
    with pytest.raises(OperationTypeError, match="`src` must be a path"):
        evaluate(files.put, 5, "/d/x", facts=SAME)


def at(path: str, **values: Any) -> dict[Any, Any]:
    facts = {"file": File, "link": Link, "directory": Directory, "sha1": Sha1File}
    return {fact_key(facts[name], path=path): value for name, value in values.items()}


def test_a_directory_stands_for_the_file_in_it(local: Path) -> None:
    there = at("/d", file=False, link=False, directory={"mode": 755}) | at("/d/src", file=None)
    assert evaluate(files.put, "src", "/d", facts=there).steps == [Upload(str(local / "src"), "/d/src")]
    new = at("/d/src", file=None) | at("/d", directory=None)
    assert evaluate(files.put, "src", "/d/", facts=new).steps == [
        sh("mkdir", "-p", "/d"),
        Upload(str(local / "src"), "/d/src"),
    ]
    with pytest.raises(OperationTypeError, match="/d is a directory, and the content has no file name"):
        evaluate(files.put, b"x", "/d", facts=there)


def test_links_are_followed() -> None:
    chain = at("/a/x", file=False, link={"link_target": "../b/y"}) | at("/a/../b/y", file=info(), sha1=sha1("hello"))
    assert evaluate(files.put, b"hello", "/a/x", facts=chain).steps == []
    with pytest.raises(OperationError, match="too many links"):
        evaluate(files.put, b"hello", "/a", facts={File: False, Link: {"link_target": "/a"}})


def test_what_is_neither_file_nor_directory() -> None:
    with pytest.raises(OperationError, match="/dev/x is something else"):
        evaluate(files.put, b"hello", "/dev/x", facts={File: False, Link: False, Directory: False})


def test_a_parent_that_is_a_file() -> None:
    facts = at("/d", directory=False, link=False, file=info()) | at("/d/x", file=None)
    with pytest.raises(OperationError, match="/d is a file, so /d/x cannot be below it"):
        evaluate(files.put, b"hello", "/d/x", facts=facts)


def test_secrets_are_not_described() -> None:
    for facts in (OTHER, {File: info(size=9)}):
        shown = [str(step) for step in evaluate(files.put, Secret("hello"), "/d/x", facts=facts).steps]
        assert not any("hello" in text or sha1("hello")[:12] in text or "5 bytes" in text for text in shown)


# -- times ---------------------------------------------------------------------------------------------

STAMP = 1_700_000_000
MOMENT = datetime.fromtimestamp(STAMP, UTC)
TOUCH = sh(Raw("TZ=UTC0"), "touch", "-m", "-t", "202311142213.20", "/d/x")


@pytest.mark.parametrize(
    "value",
    [STAMP, float(STAMP), STAMP + 0.9, str(STAMP), MOMENT, MOMENT.isoformat(), "2023-11-14T22:13:20+00:00",
     MOMENT.astimezone(timezone(timedelta(hours=5))), datetime(2023, 11, 14, 23, 13, 20), "2023-11-14 23:13:20",
     "/reference"],
    ids=str,
)  # fmt: skip
def test_times(value: Any) -> None:
    naive = MOMENT.replace(tzinfo=None)
    clock = {Date: datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=1)))} | at("/reference", file=info(mtime=naive))
    facts = clock | at("/d/x", file=None) | {Directory: {"mode": 755}}
    assert evaluate(files.put, b"hello", "/d/x", mtime=value, facts=facts).steps[1:] == [TOUCH]
    right = clock | at("/d/x", file=info(mtime=naive), sha1=sha1("hello"))
    assert evaluate(files.put, b"hello", "/d/x", mtime=value, facts=right).steps == []
    wrong = clock | at("/d/x", file=info(mtime=naive.replace(second=21)), sha1=sha1("hello"))
    assert evaluate(files.put, b"hello", "/d/x", mtime=value, facts=wrong).steps == [
        Change("mtime", "2023-11-14 22:13:21", "2023-11-14 22:13:20"),
        TOUCH,
    ]


def test_modification_before_access() -> None:
    steps = evaluate(files.put, b"hello", "/d/x", atime=0, mtime=1, facts=ABSENT).steps[1:]
    assert [step.words[2] for step in steps] == ["-m", "-a"]


def test_local_times(local: Path) -> None:
    os.utime(local / "src", (0, STAMP + 0.5))
    assert TOUCH in evaluate(files.put, "src", "/d/x", mtime=True, facts=ABSENT).steps
    with pytest.raises(OperationValueError, match="mtime=True needs a local file"):
        evaluate(files.put, b"x", "/d/x", mtime=True, facts=ABSENT)


@pytest.mark.parametrize("value", [None, False])
def test_no_time(value: Any) -> None:
    assert evaluate(files.put, b"hello", "/d/x", mtime=value, atime=value, facts=SAME).steps == []


@pytest.mark.parametrize("value", ["yesterday", "", "nan", "inf", [1]])
def test_what_is_no_time(value: Any) -> None:
    with pytest.raises(OperationValueError, match=r"mtime=.* is"):
        evaluate(files.put, b"hello", "/d/x", mtime=value, facts=ABSENT | at(str(value), file=None))


# -- template ------------------------------------------------------------------------------------------


def rendered(text: str, **data: Any) -> Any:
    return evaluate(files.template, StringIO(text), "/d/x", facts=ABSENT, **data).steps[-1].source


@pytest.mark.parametrize(
    ("text", "data", "result"),
    [
        ("a {{ x }}\n", {"x": 1}, b"a 1\n"),
        ("no line end", {}, b"no line end"),
        ("two\n\n", {}, b"two\n\n"),
        ("{{ host.name }} {{ inventory.hosts | length }} {{ state is defined }}", {}, b"test 1 True"),
        ("{{ host }}", {"host": "mine"}, b"mine"),
        ("{% for i in l %}\n{{ i }}\n{% endfor %}", {"l": [1], "jinja_env_kwargs": {"trim_blocks": True}}, b"1\n"),
        ("[{{ x }}]", {"jinja_env_kwargs": {"undefined": __import__("jinja2").Undefined}}, b"[]"),
        ("\u2603", {}, "\u2603".encode()),
    ],
)
def test_template(text: str, data: dict[str, Any], result: bytes) -> None:
    assert rendered(text, **data) == result


def test_template_arguments_go_on_to_put() -> None:
    done = evaluate(files.template, BytesIO(b"x"), "/d/x", user="u", group="g", mode="600", facts=ABSENT)
    assert done.steps == [Upload(b"x", "/d/x", "600", "u", "g")]
    assert evaluate(files.template, StringIO("x"), "/d/x", create_remote_dir=False, facts={File: None}).steps


def test_a_secret_in_a_template_makes_it_secret() -> None:
    source = rendered("password={{ p }}", p=Secret("hunter2"))
    assert isinstance(source, Secret)
    assert source.value == "password=hunter2"
    assert rendered("none", p=Secret("hunter2")) == b"none"


def test_templates_are_read_each_time(local: Path) -> None:
    for text in ("one", "two"):
        (local / "t").write_text(text)
        assert evaluate(files.template, "t", "/d/x", facts=ABSENT).steps == [Upload(text.encode(), "/d/x")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fine\n{{ nope }}\nlast", "line 2: 'nope' is undefined\n  1: fine\n> 2: {{ nope }}\n  3: last"),
        ("{% if %}", "line 1: "),
        ("a\n{{ 1 / 0 }}", "line 2: ZeroDivisionError: division by zero"),
        ("{% include 'missing.j2' %}", "line 1: there is no template missing.j2"),
        ("x\n{% block b %}\n{{ nope }}{% endblock %}", "line 3: 'nope' is undefined"),
        ("{% macro m() %}\n\n{{ nope }}{% endmacro %}{{ m() }}", "line 3: 'nope' is undefined"),
    ],
)
def test_template_errors_name_file_and_line(local: Path, text: str, message: str) -> None:
    (local / "t.j2").write_text(text)
    with pytest.raises(OperationError) as caught:
        evaluate(files.template, "t.j2", "/d/x", facts=ABSENT)
    assert f"error in the template {local / 't.j2'}, {message}" in str(caught.value)


def test_errors_in_an_included_template(local: Path) -> None:
    (local / "outer").write_text("{% include 'inner' %}")
    (local / "inner").write_text("\n\n{{ nope }}")
    with pytest.raises(OperationError, match=r"inner, line 3: 'nope' is undefined\n  2: \n> 3: \{\{ nope \}\}"):
        evaluate(files.template, "outer", "/d/x", facts=ABSENT)


def test_a_template_that_cannot_be_read(local: Path) -> None:
    with pytest.raises(OperationError, match=r"the template .*/none does not exist"):
        evaluate(files.template, "none", "/d/x", facts=ABSENT)
    (local / "latin").write_bytes(b"\xe9")
    with pytest.raises(OperationError, match="cannot be read"):
        evaluate(files.template, "latin", "/d/x", facts=ABSENT)


def test_what_a_template_asks_a_host_for_fails_as_itself() -> None:
    def ask() -> None:
        raise UnknownUntilApplied("not yet")

    with pytest.raises(UnknownUntilApplied):
        rendered("{{ ask() }}", ask=ask)


def test_the_given_environment_is_not_changed() -> None:
    given = {"trim_blocks": True, "loader": None}
    rendered("x", jinja_env_kwargs=given)
    assert given == {"trim_blocks": True, "loader": None}


def test_render_is_for_others_too() -> None:
    assert callable(templates.render)


# -- get -----------------------------------------------------------------------------------------------


def test_get(local: Path) -> None:
    target = str(local / "got")
    assert evaluate(files.get, "/d/x", "got", facts={File: info()}).steps == [Download("/d/x", target)]
    assert evaluate(files.get, "/d/x", "got", add_deploy_dir=False, facts={File: info()}).steps == [
        Download("/d/x", "got")
    ]
    (local / "got").write_text("hello")
    assert evaluate(files.get, "/d/x", "got", facts=SAME).noop
    assert evaluate(files.get, "/d/x", "got", facts=OTHER).steps == [Download("/d/x", target)]
    assert evaluate(files.get, "/d/x", "got", facts={File: info()}, force=True).steps == [Download("/d/x", target)]


def test_get_makes_the_local_directory_when_it_is_applied(local: Path) -> None:
    with pytest.raises(OperationError, match=r"there is no local directory .*/new"):
        evaluate(files.get, "/d/x", "new/got", facts={File: info()})
    make, fetch = evaluate(files.get, "/d/x", "new/got", create_local_dir=True, facts={File: info()}).steps
    assert not (local / "new").exists(), "a plan touches nothing"
    assert isinstance(make, Call)
    make.function(*make.args)
    make.function(*make.args)
    assert (local / "new").is_dir()
    assert fetch == Download("/d/x", str(local / "new" / "got"))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({File: None}, "/d/x does not exist on the host"),
        ({File: False, Link: False}, "/d/x is not a file on the host"),
    ],
)
def test_get_of_what_is_no_file(local: Path, facts: dict[Any, Any], message: str) -> None:
    with pytest.raises(OperationError, match=message):
        evaluate(files.get, "/d/x", "got", facts=facts)


def test_get_to_a_directory(local: Path) -> None:
    with pytest.raises(OperationError, match="is a directory"):
        evaluate(files.get, "/d/x", ".", facts={File: info()})


def test_get_follows_links(local: Path) -> None:
    facts = at("/l", file=False, link={"link_target": "d/x"}) | at("/d/x", file=info())
    assert evaluate(files.get, "/l", "got", facts=facts).steps == [Download("/l", str(local / "got"))]


# -- differences ---------------------------------------------------------------------------------------


def test_text_before_and_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ropewalk.api.config.Config.DIFF", True)
    facts = {**OTHER, FileContents: ["other"]}
    assert Diff("/d/x", "other\n", "hello") in evaluate(files.put, b"hello", "/d/x", facts=facts).steps
    assert Diff("/d/x", None, "hello") in evaluate(files.put, b"hello", "/d/x", facts=ABSENT).steps
    for silent in (Secret("hello"), b"\0\1\2\3\4", b"\xff\xfe\xfd\xfc\xfb"):
        steps = evaluate(files.put, silent, "/d/x", facts=OTHER).steps
        assert not any(isinstance(step, Diff) for step in steps), silent
