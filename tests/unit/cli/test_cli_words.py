"""What the words of the command line mean, and the errors that end an invocation before there is a run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ropewalk.cli import command
from ropewalk.cli.main import main
from ropewalk.cli.options import Options, click_options


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("ROPEWALK_YES", "PYINFRA_YES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Options, str, list[str]]]:
    """Collects what would be done instead of doing it."""
    calls: list[tuple[Options, str, list[str]]] = []

    def dispatch(options: Options, inventory: str, words: Any, data: Any, exports: Any) -> int:
        calls.append((options, inventory, list(words)))
        return 0

    monkeypatch.setattr(command, "dispatch", dispatch)
    return calls


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["-y", "inv.py", "a.py", "b.py"], ["a.py", "b.py"]),
        (["inv.py", "a.py", "-y"], ["a.py"]),
        (["inv.py", "-y", "a.py"], ["a.py"]),
        (["inv.py", "-y", "exec", "--", "ls", "-y", "--json"], ["exec", "ls", "-y", "--json"]),
        (["-y", "inv.py", "exec", "--", "sh", "--", "-c"], ["exec", "sh", "--", "-c"]),
        (["-y", "--", "inv.py", "files.file", "/x", "-v"], ["files.file", "/x", "-v"]),
    ],
)
def test_options_may_stand_anywhere_before_two_dashes(
    asked: list[tuple[Options, str, list[str]]], argv: list[str], words: list[str]
) -> None:
    assert main(argv) == 0
    assert asked == [(Options(yes=True), "inv.py", words)]


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["-vvv"], {"verbosity": 3}),
        (["-v", "-vv"], {"verbosity": 3}),
        (["--limit", "a", "--limit", "b,c"], {"limit": ("a", "b,c")}),
        (["--user", "u", "--port", "2222", "--key", "k"], {"ssh_user": "u", "ssh_port": 2222, "ssh_key": "k"}),
        (["--key-password", "a", "--password", "b"], {"ssh_key_password": "a", "ssh_password": "b"}),
        (["--retry", "2", "--retry-delay", "0.5"], {"retry": 2, "retry_delay": 0.5}),
        (["--jump", "me@bastion:22", "--ssh-backend", "openssh"], {"jump": "me@bastion:22", "ssh_backend": "openssh"}),
        (["--dry", "--detailed-exitcode"], {"dry": True, "detailed_exitcode": True}),
        (["-y", "--no-plan", "--stats"], {"yes": True, "no_plan": True, "stats": True}),
    ],
)
def test_options_are_read(
    asked: list[tuple[Options, str, list[str]]], argv: list[str], expected: dict[str, Any]
) -> None:
    assert main([*argv, "inv.py", "a.py"]) == 0
    assert asked[0][0] == Options(**expected)


@pytest.mark.parametrize("name", ["ROPEWALK_YES", "PYINFRA_YES"])
@pytest.mark.parametrize(("value", "yes"), [("1", True), ("true", True), ("0", False), ("", False)])
def test_yes_from_the_environment(
    asked: list[tuple[Options, str, list[str]]], monkeypatch: pytest.MonkeyPatch, name: str, value: str, yes: bool
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["inv.py", "a.py"]) == 0
    assert asked[0][0].yes is yes


MISTAKES = [
    (["--retry", "-1", "@local", "a.py"], "--retry", "-1"),
    (["--fail-percent", "101", "@local", "a.py"], "--fail-percent", "101"),
    (["--port", "0", "@local", "a.py"], "--port", "0"),
    (["--nope", "@local", "a.py"], "--nope", "no such option"),
    (["@local"], "@local", "nothing to do"),
    (["@local", "nope.py"], "nope.py", "there is no deploy file"),
    (["@local", "dep"], "dep", "neither a deploy file"),
    (["@local", "exec"], "exec", "no command"),
    (["@local", "fact"], "fact", "no fact"),
    (["@local", "fact", "nosuchmod.Fact"], "nosuchmod", "there is no module"),
    (["@local", "fact", "server.Usres"], "server", "did you mean Users?"),
    (["@local", "fact", "files.File", "pathh=/x"], "pathh", "did you mean path?"),
    (["@local", "nosuch.thing", "a=1"], "nosuch", "there is no module"),
    (["@local", "server.shel", "ls"], "shel", "did you mean shell?"),
    (["@local", "server.shell", "true", "nosuch=1"], "nosuch", "server.shell has no argument"),
    (["@local", "server.shell"], "server.shell", "commands"),
    (["--chdir", "nope-dir", "@local", "a.py"], "nope-dir", "No such file"),
    (["--config", "nope.py", "@local", "exec", "--", "true"], "nope.py", "no config file"),
    (["--group-data", "nope", "@local", "exec", "--", "true"], "nope", "group"),
    (["--data", "foo", "@local", "exec", "--", "true"], "foo", "key=value"),
    (["--limit", "nosuch", "@local", "exec", "--", "true"], "nosuch", "matches no host"),
    (["nope.py", "exec", "--", "true"], "nope.py", "no inventory file"),
    (["@nope", "exec", "--", "true"], "@nope", "no connector"),
    (["--sudo-user", "bob", "@local", "exec", "--", "true"], "--sudo-user", "--sudo"),
    (["--dzdo-user", "bob", "@local", "exec", "--", "true"], "--dzdo-user", "--dzdo"),
    (["--no-plan", "@local", "exec", "--", "true"], "--no-plan", "-y"),
    (["-y", "--no-plan", "--dry", "@local", "exec", "--", "true"], "--no-plan", "--dry"),
    (["--serial", "--no-wait", "@local", "exec", "--", "true"], "--serial", "--no-wait"),
    (["--detailed-exitcode", "@local", "exec", "--", "true"], "--detailed-exitcode", "--dry"),
    (["@local", "debug-inventory", "x"], "debug-inventory", "x"),
]


@pytest.mark.parametrize(("argv", "names", "says"), MISTAKES, ids=lambda value: " ".join(value)[:40] if value else "-")
def test_a_mistake_is_one_message_and_status_2(
    capfd: pytest.CaptureFixture[str], argv: list[str], names: str, says: str
) -> None:
    assert main(argv) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert names in err
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize("argv", [argv for argv, _, _ in MISTAKES], ids=lambda argv: " ".join(argv)[:40])
def test_a_mistake_with_json_is_one_document(capfd: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert main(["--json", *argv]) == 2
    out, _ = capfd.readouterr()
    made = json.loads(out)
    assert (made["status"], made["exit_code"]) == ("usage", 2)
    assert made["error"]["traceback"] is None
    assert made["hosts"] == {}


def test_debug_shows_where_a_mistake_was_found(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--debug", "nope.py", "exec", "--", "true"]) == 2
    assert "Traceback (most recent call last)" in capfd.readouterr().err


def test_deploys_and_operations_do_not_mix(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "deploy.py").write_text("")
    assert main(["-y", "@local", "deploy.py", "server.shell"]) == 2
    assert "cannot be mixed" in capfd.readouterr().err


def test_a_file_without_py_is_named(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "dep").write_text("")
    assert main(["-y", "@local", "dep"]) == 2
    assert "rename dep" in capfd.readouterr().err


def test_no_arguments_show_what_there_is(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    out, err = capfd.readouterr()
    assert (out, err.splitlines()[0][:6]) == ("", "usage:")


def test_help_goes_to_standard_output_and_lists_every_option(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out, _ = capfd.readouterr()
    assert all(flag in out for _, option in click_options() for flag in option.opts)


def test_a_bug_asks_to_be_reported(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> int:
        raise IndexError("list index out of range")

    monkeypatch.setattr(command, "dispatch", broken)
    assert main(["inv.py", "a.py"]) == 70
    err = capfd.readouterr().err
    assert "IndexError: list index out of range" in err
    assert "please report" in err
    assert "Traceback" not in err
    assert main(["--json", "inv.py", "a.py"]) == 70
    made = json.loads(capfd.readouterr().out)
    assert made["status"] == "internal"
    assert "Traceback" in made["error"]["traceback"]


def test_ctrl_c_before_the_run_is_no_traceback(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "dispatch", interrupted)
    assert main(["inv.py", "a.py"]) == 130
    assert "Traceback" not in capfd.readouterr().err


def test_debug_inventory_shows_hosts_groups_and_data(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "inv.py").write_text('web = [("web1", {"port": 80, "ssh_password": "hunter2"}), "web2"]')
    assert main(["--limit", "web1", "inv.py", "debug-inventory"]) == 0
    out, _ = capfd.readouterr()
    assert out.startswith("web1\n")
    assert "port = 80" in out
    assert "web2" not in out
    assert "hunter2" not in out
    assert main(["--json", "inv.py", "debug-inventory"]) == 0
    made = json.loads(capfd.readouterr().out)
    assert [host["name"] for host in made["inventory"]] == ["web1", "web2"]


def test_support_names_the_versions_that_matter(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--support"]) == 0
    out, _ = capfd.readouterr()
    assert all(name in out for name in ("ropewalk:", "Python:", "asyncssh:", "click:"))


def test_the_version_needs_no_library() -> None:
    code = (
        "import sys; from ropewalk.cli.main import main; before = set(sys.modules); main(['--version']);"
        "new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(new & {'click', 'rich', 'asyncssh', 'asyncio'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0].startswith("ropewalk ")
    assert done.stdout.splitlines()[1] == "[]"


def test_only_one_place_ends_the_process() -> None:
    source = Path(command.__file__).parents[1]
    exits = [path for path in source.rglob("*.py") if "sys.exit(" in path.read_text()]
    # These hold a program of its own, which ssh and rsync start.
    programs = {"connectors/ssh/askpass.py", "engine/rsync.py"}
    assert {str(path.relative_to(source)) for path in exits} - programs == {"cli/main.py"}
