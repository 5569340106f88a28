"""Every operation and fact is explained: what the reference says is complete, and its examples are Python."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import surface

from ropewalk.api.operation import operation
from ropewalk.cli.reference import Entry, entry_of, markdown, modules, text
from ropewalk.cli.reference.example import Runs
from ropewalk.cli.reference.markdown import anchor

TOOL = Path(__file__).parents[3] / "tools" / "gen_reference.py"
MODULES = {module.name: module for module in modules()}
OPERATIONS = [entry for module in MODULES.values() for entry in module.operations]
FACTS = [entry for module in MODULES.values() for entry in module.facts]
PUBLIC = [entry for entry in FACTS if entry.name in {fact.name for fact in surface.facts()}]
#: Where a format is described: a manual page, an RFC, an address, or a chapter of a manual in quotes.
SOURCE = re.compile(r"\w\(\d\w?\)|RFC \d+|https?://")


def name(entry: Entry) -> str:
    return entry.name


def test_there_is_something_to_look_at() -> None:
    assert (len(OPERATIONS), len(PUBLIC)) == (182, 194)
    assert [module.name for module in MODULES.values() if not module.doc.summary] == []


@pytest.mark.parametrize("entry", [*OPERATIONS, *FACTS], ids=name)
def test_what_it_is_and_what_it_takes(entry: Entry) -> None:
    assert entry.doc.summary.endswith((".", ":"))
    assert [parameter.name for parameter in entry.parameters if not parameter.text] == []
    assert set(entry.doc.parameters) <= {parameter.name.lstrip("*") for parameter in entry.parameters}


@pytest.mark.parametrize("entry", OPERATIONS, ids=name)
def test_operations_have_examples_that_call_them(entry: Entry) -> None:
    called = [
        ast.unparse(node.func)
        for example in entry.doc.examples
        for node in ast.walk(ast.parse(example))
        if isinstance(node, ast.Call)
    ]
    assert any(entry.name.endswith(call) for call in called)


@pytest.mark.parametrize("entry", OPERATIONS, ids=name)
def test_operations_show_what_their_examples_run(entry: Entry) -> None:
    assert entry.runs is not None
    assert re.fullmatch(
        r"(Where|On) .*, the (example|first \w+) above runs:|The .* nothing on the host:", entry.runs.title
    )
    assert all(command.strip() for command in entry.runs.commands)
    assert entry.runs == entry.runs, "not the same each time"


@pytest.mark.parametrize("entry", OPERATIONS, ids=name)
def test_what_examples_run_is_of_the_example(entry: Entry) -> None:
    for command in entry.runs.commands if entry.runs else ():
        known = re.sub(r"/tmp/ropewalk-\.\.\.|\.ropewalk\.XXXXXXXXXX|ropewalk_\w+", "", command)
        assert not re.search(r"ropewalk|/tmp/|0x[0-9a-f]{6}", known)
        assert str(Path.cwd()) not in command
        assert "secret" not in command


@pytest.mark.parametrize(
    ("found", "title", "commands"),
    [
        ("apk.packages", "Where it is still to be done, the example", ("apk add -- vim openssl=3.1.4-r5",)),
        ("vzctl.stop", "On a host that has it, the example", ("vzctl stop 101",)),
        ("upstart.service", "On a host that has it, where it does not run, the example", ("initctl start app",)),
        ("apk.upgrade", "Where it is still to be done, the first upgrade", ("apk upgrade",)),
        ("docker.logout", "On a host that is logged in, the example",
         ("docker logout -- registry.example.org:5000",)),
        ("files.get", "On a host that has it, the example",
         ("call make_local_directory", "download /etc/os-release to inventory/web-1/os-release")),
        ("files.put", "Where it is still to be done, the first put", ("upload files/motd to /etc/motd",)),
        ("vzctl.unmount", "On a host where it is mounted, the example", ("vzctl umount 101",)),
        ("runit.manage", "Where it is still to be done, the example", ("ln -sfn -- /etc/sv/app /var/service/app",)),
    ],
)  # fmt: skip
def test_where_it_is_run(found: str, title: str, commands: tuple[str, ...]) -> None:
    (entry,) = (entry for entry in OPERATIONS if entry.name == found)
    assert entry.runs == Runs(f"{title} above runs:", commands)


def test_what_runs_nothing_on_the_host() -> None:
    (entry,) = (entry for entry in OPERATIONS if entry.name == "python.call")
    title = "The first call above runs this where ropewalk runs, and nothing on the host:"
    assert entry.runs == Runs(title, ("call restart_if_old",))


def test_one_call_of_several_is_named() -> None:
    (line,) = (entry for entry in OPERATIONS if entry.name == "files.line")
    assert line.runs is not None
    assert line.runs.title.endswith(", the first line above runs:")


def test_files_of_this_machine_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (entry,) = (entry for entry in OPERATIONS if entry.name == "files.template")
    shown = entry.runs
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "site.conf.j2").write_text("{{ what_the_example_does_not_give }}")
    monkeypatch.chdir(tmp_path)
    assert entry.runs == shown


def test_operations_of_others_are_not_called() -> None:
    called: list[str] = []

    @operation()
    def mine(text: str) -> Iterator[str]:
        """Do it.

        ::

            mine("x")
        """
        called.append(text)
        yield text

    entry = entry_of("mine.mine", mine)
    assert entry.origin
    assert entry.runs is None
    assert called == []


def test_pages_show_what_examples_run() -> None:
    (entry,) = (entry for entry in OPERATIONS if entry.name == "docker.login")
    title = "Where it is still to be done, the example above runs:"
    shown = "\n".join(text.entry(entry))
    assert f"\n\n{title}\n    set -- '*****' && docker login" in shown
    assert f"\n{title}\n\n```sh\nset -- '*****' && docker login" in markdown.page(MODULES["docker"])


def examples(entry: Entry) -> list[str]:
    """Return the examples of a fact's value: blocks, and the values within the text."""
    inline = re.findall(r"`([^`]+)`", " ".join(entry.doc.text))
    scalar = not re.search(r"dict|list|set\b|tuple|Dict|Any", entry.value)
    return [*entry.doc.examples, *(code for code in inline if code != "None" and (scalar or code[0] in "{[("))]


@pytest.mark.parametrize("entry", PUBLIC, ids=name)
def test_facts_have_examples(entry: Entry) -> None:
    assert entry.value not in ("", "Any")
    assert examples(entry)
    for example in examples(entry):
        if example[0] in "{[(" or "\n" in example:
            ast.parse(re.sub(r", \.\.\.(?=[]})])", "", example))


@pytest.mark.parametrize("entry", FACTS, ids=name)
def test_facts_show_what_they_run(entry: Entry) -> None:
    part = any(note.startswith("A part of ") for note in entry.notes)
    assert bool(entry.command) != part
    assert not re.search(r"\b[A-Z] [A-Z] [A-Z]\b", entry.command), "a list, not a text, stands for several values"


@pytest.mark.parametrize("entry", PUBLIC, ids=name)
def test_facts_say_where_their_format_is_described(entry: Entry) -> None:
    module = MODULES[entry.name.split(".")[0]]
    assert SOURCE.search("\n".join([*entry.doc.text, *module.doc.text, *module.about_facts]))


def test_the_pages(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(TOOL), str(tmp_path)], check=True, timeout=60, stdout=subprocess.DEVNULL)
    pages = {path.stem: path.read_text() for path in tmp_path.glob("*.md")}
    assert set(pages) == {*MODULES, "README"}
    for entry in [*OPERATIONS, *FACTS]:
        page = entry.name.split(".")[0]
        assert f"### {entry.name}\n" in pages[page]
        assert f"({page}.md#{anchor(entry)})" in pages["README"]


@pytest.mark.parametrize("entry", [*OPERATIONS, *FACTS], ids=name)
def test_the_import_that_is_shown_works(entry: Entry) -> None:
    scope: dict[str, object] = {}
    exec(entry.imported, scope)  # noqa: S102 - it is what the reader is told to write
    assert set(scope) - {"__builtins__"} <= {entry.name.partition(".")[0], entry.name.rpartition(".")[2]}
