"""Connectors written for pyinfra v3: what they build on, and the link that drives them."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ropewalk.api.config import Config
from ropewalk.api.host import Host
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.compat.connector import V3Link, is_v3, link_of
from ropewalk.compat.pyinfra import context
from ropewalk.compat.pyinfra.connectors.base import BaseConnector, ConnectorData, DataMeta
from ropewalk.compat.pyinfra.connectors.local import LocalConnector
from ropewalk.compat.pyinfra.connectors.util import (
    CommandOutput,
    OutputLine,
    extract_control_arguments,
    make_unix_command_for_host,
    run_local_process,
)
from ropewalk.connectors.local import LocalConnector as StreamConnector
from ropewalk.model.command import Secret, Upload, UploadTree
from ropewalk.model.errors import ConnectError, ConnectorDataTypeError, OperationError
from ropewalk.model.v3command import QuoteString, StringCommand
from ropewalk.shell.how import How

T = TypeVar("T")


class BoxData(ConnectorData):
    box_name: str
    box_depth: int


class BoxConnector(BaseConnector):
    """As an author of a v3 connector would write it: programs of this machine, run through the local connector."""

    handles_execution = True
    data_cls = BoxData
    data_meta = {"box_name": DataMeta("Name of the box"), "box_depth": DataMeta("How deep", 3)}

    def __init__(self, state: State, host: Host) -> None:
        super().__init__(state, host)
        self.local = LocalConnector(state, host)
        self.seen: list[dict[str, Any]] = []
        self.threads: set[str] = set()
        self.calls: list[str] = []

    @staticmethod
    def make_names_data(name: str) -> Any:
        yield f"@box/{name}", {"box_name": name}, ["@box"]

    def connect(self) -> None:
        self.calls.append(f"connect {context.host.name} {self.host.get_temp_filename('x', False)}")
        if self.data["box_name"] == "lost":
            raise ConnectError("no such box")
        if self.data["box_name"] == "broken":
            raise RuntimeError("bug")

    def disconnect(self) -> None:
        self.calls.append("disconnect")

    def run_shell_command(
        self, command: Any, print_output: bool = False, print_input: bool = False, **arguments: Any
    ) -> tuple[bool, CommandOutput]:
        self.seen.append({"command": command.get_raw_value(), **arguments})
        self.threads.add(threading.current_thread().name)
        control = extract_control_arguments(arguments)
        line = make_unix_command_for_host(self.state, self.host, command, **arguments)
        return self.local.run_shell_command(StringCommand("sh", "-c", QuoteString(line)), **control)

    def put_file(self, filename_or_io: Any, remote_filename: str, *args: Any, **arguments: Any) -> bool:
        self.calls.append("put_file")
        return self.local.put_file(filename_or_io, remote_filename)

    def get_file(self, remote_filename: str, filename_or_io: Any, *args: Any, **arguments: Any) -> bool:
        self.calls.append("get_file")
        return self.local.get_file(remote_filename, filename_or_io)


def box(data: dict[str, Any] | None = None, connector: type[Any] = BoxConnector) -> V3Link:
    inventory = Inventory(([("box", {"box_name": "b1", **(data or {})})], {}))
    host = inventory.get_host("box")
    host._connector_cls = connector
    return link_of(host, State(inventory, Config()))


def wait(work: Awaitable[T]) -> T:
    async def main() -> T:
        return await work

    return asyncio.run(main())


def how(**arguments: Any) -> How:
    return How.of({"_shell_executable": "sh", **arguments})


def run(link: V3Link, command: str, *, hidden: bool = False, **arguments: Any) -> tuple[int | None, str, str]:
    done = wait(link.run(command, how(**arguments), hidden=hidden))
    return done.status, done.stdout.value().decode(), done.stderr.value().decode()


@pytest.mark.parametrize(
    ("command", "status", "out", "err"),
    [
        ("echo hello; echo oops >&2", 0, "hello\n", "oops\n"),
        ("exit 3", 3, "", ""),
        ("echo last >&2; false", 1, "", "last\n"),
        ("printf 'no end' >&2", 0, "", "no end\n"),
        ("printf 'a\\n\\n' >&2", 0, "", "a\n\n"),
        ("exec sh -c 'exit 9'", 9, "", ""),
        ("trap 'echo bye' EXIT; exit 4", 4, "bye\n", ""),
        ("kill -TERM $$", 1, "", ""),  # the connector's own shell: only success or failure is known
        ("cat <<'X'\nbody\nX", 0, "body\n", ""),
        ('echo "it\'s" $HOME/x | tr a-z A-Z', 0, f"IT'S {os.environ.get('HOME', '')}/x\n".upper(), ""),
    ],
)
def test_a_command_ends_with_its_own_status_and_output(command: str, status: int, out: str, err: str) -> None:
    found = run(box(), command)
    assert found[:2] == (status, out)
    assert found[2] == err or status == 1


def test_a_syntax_error_is_a_failure() -> None:
    status, _, err = run(box(), "if then fi")
    assert status not in (0, None)
    assert "yntax" in err


def test_arguments_have_v3s_names() -> None:
    link = box()
    run(link, "pwd; echo $A", _chdir="/", _env={"A": "x y"}, _timeout=9)
    seen = link.connector.seen[-1]
    assert (seen["_chdir"], seen["_env"], seen["_timeout"]) == ("/", {"A": "x y"}, 9)
    assert seen["_sudo"] is False
    assert seen["_stdin"] is None
    assert run(link, "pwd; echo $A", _chdir="/", _env={"A": "x y"})[1] == "/\nx y\n"


@pytest.mark.parametrize("data", ["plain text", "no line end\nhere", "", b"\xff\xfe bytes"])
def test_input_arrives_as_it_is(data: str | bytes) -> None:
    raw = data if isinstance(data, bytes) else data.encode()
    assert run(box(), "od -An -tx1 | tr -d ' \\n'", _stdin=data)[1].strip() == raw.hex()


def test_a_secret_is_in_no_argument(tmp_path: Path) -> None:
    link = box()
    command = "echo s3cret | tr a-z A-Z; cat"
    assert run(link, command, hidden=True, _stdin="rest", _env={"A": Secret("alsosecret")})[1] == "S3CRET\nrest\n"
    assert "secret" not in link.connector.seen[-1]["command"]
    assert link.connector.seen[-1]["_env"] == {}
    assert run(link, "exit 6", hidden=True)[0] == 6


class ForgetfulConnector(BoxConnector):
    def run_shell_command(self, command: Any, *args: Any, **arguments: Any) -> tuple[bool, CommandOutput]:
        return super().run_shell_command(command, *args, **{**arguments, "_stdin": None})


def test_a_connector_that_drops_the_input_cannot_make_a_hidden_command_succeed() -> None:
    status, _, err = run(box(connector=ForgetfulConnector), "echo s3cret", hidden=True)
    assert status == 64
    assert "_stdin" in err


def test_time_that_runs_out() -> None:
    done = wait(box().run("echo before; sleep 30", how(_timeout=0.2)))
    assert done.status is None
    assert "_timeout" in (done.error or "")


class RaisingConnector(BoxConnector):
    def run_shell_command(self, *args: Any, **kwargs: Any) -> Any:
        raise OSError("the wire is cut")


def test_an_os_error_is_a_failed_command() -> None:
    done = wait(box(connector=RaisingConnector).run("true", how()))
    assert done.status is None
    assert "the wire is cut" in (done.error or "")


class WordyConnector(BoxConnector):
    """Its target is no POSIX system: what it runs does not understand the line that tells the status."""

    def run_shell_command(self, *args: Any, **kwargs: Any) -> tuple[bool, CommandOutput]:
        return self.data["box_depth"] == 3, CommandOutput([OutputLine("stdout", "done"), OutputLine("stderr", "")])


@pytest.mark.parametrize(("depth", "status"), [(3, 0), (4, 1)])
def test_without_the_status_success_decides(depth: int, status: int) -> None:
    link = box({"box_depth": depth}, connector=WordyConnector)
    assert run(link, "x") == (status, "done\n", "\n")
    assert run(link, "x", _shell_executable="fish") == (status, "done\n", "\n")


def test_connecting_and_disconnecting() -> None:
    async def main(link: V3Link) -> list[str]:
        await link.connect()
        assert link.connected
        await link.close()
        await link.close()
        assert not link.connected
        return list(link.connector.calls)

    assert asyncio.run(main(box())) == ["connect box /tmp/ropewalk-x", "disconnect"]


@pytest.mark.parametrize(
    ("name", "message"), [("lost", "^no such box$"), ("broken", "BoxConnector cannot connect: RuntimeError: bug")]
)
def test_connecting_fails_as_a_connect_error(name: str, message: str) -> None:
    with pytest.raises(ConnectError, match=message):
        wait(box({"box_name": name}).connect())


def test_methods_are_called_in_threads_one_at_a_time() -> None:
    link = box()

    async def main() -> None:
        await asyncio.gather(*(link.run("true", how()) for _ in range(3)))

    asyncio.run(main())
    assert link.connector.threads == {"BoxConnector"}
    assert link.counter.commands == 3
    for thread in [thread for thread in threading.enumerate() if thread.name == "BoxConnector"]:
        thread.join(5)
        assert not thread.is_alive()


def test_host_data_is_checked() -> None:
    assert box({"box_depth": 7}).connector.data == {"box_name": "b1", "box_depth": 7}
    assert box().connector.data["box_depth"] == 3
    with pytest.raises(ConnectorDataTypeError, match="box_depth of box must be a whole number, not 'deep'"):
        box({"box_depth": "deep"})


def test_which_connectors_are_v3s() -> None:
    assert is_v3(BoxConnector)
    assert is_v3(LocalConnector)
    assert not is_v3(StreamConnector)


@pytest.mark.parametrize("method", ["put_file", "get_file", "rsync"])
def test_what_a_connector_does_not_have_is_said(method: str) -> None:
    connector = box().connector
    with pytest.raises(NotImplementedError, match="BoxConnector cannot"):
        getattr(BaseConnector, method)(connector, "a", "b", [])


# -- files ----------------------------------------------------------------------------------------------------------


CONTENT = b"\x00\xff line\nno end"


@pytest.mark.parametrize("kind", ["path", "bytes", "io", "text io", "secret"])
def test_an_upload_has_its_mode_and_leaves_nothing_behind(tmp_path: Path, kind: str) -> None:
    temporary, dest = tmp_path / "tmp", tmp_path / "it's here"
    temporary.mkdir()
    local = tmp_path / "local"
    local.write_bytes(CONTENT)
    text = "täxt"
    source, expected = {
        "path": (str(local), CONTENT),
        "bytes": (CONTENT, CONTENT),
        "io": (io.BytesIO(CONTENT), CONTENT),
        "text io": (io.StringIO(text), text.encode()),
        "secret": (Secret("pw"), b"pw"),
    }[kind]
    link = box()
    wait(link.upload(Upload(source, str(dest), mode="640"), how(_temp_dir=str(temporary))))  # type: ignore[arg-type]
    assert dest.read_bytes() == expected
    assert dest.stat().st_mode & 0o7777 == 0o640
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("source", "dest", "message"),
    [
        ("{tmp}/missing", "{tmp}/dest", "cannot read the local file .*missing"),
        (b"x", "{tmp}/no/such/folder/dest", "cannot write .*dest"),
    ],
)
def test_an_upload_that_fails_says_why(tmp_path: Path, source: Any, dest: str, message: str) -> None:
    if isinstance(source, str):
        source = source.format(tmp=tmp_path)
    with pytest.raises(OperationError, match=message):
        wait(box().upload(Upload(source, dest.format(tmp=tmp_path)), how(_temp_dir=str(tmp_path))))
    assert [path.name for path in tmp_path.iterdir()] == []


class LazyConnector(BoxConnector):
    def put_file(self, *args: Any, **kwargs: Any) -> bool:
        return False

    def get_file(self, *args: Any, **kwargs: Any) -> bool:
        return False


def test_a_transfer_the_connector_did_not_do_is_a_failure(tmp_path: Path) -> None:
    link = box(connector=LazyConnector)
    with pytest.raises(OperationError, match="LazyConnector did not upload it"):
        wait(link.upload(Upload(b"x", str(tmp_path / "dest")), how()))
    (tmp_path / "there").write_text("x")
    with pytest.raises(OperationError, match="LazyConnector did not fetch it"):
        wait(link.download(str(tmp_path / "there"), io.BytesIO(), how()))


def test_a_tree(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("1")
    tree = UploadTree(
        str(tmp_path / "root"), {"a/one": (str(tmp_path / "one"), "600"), "two": (str(tmp_path / "one"), None)}
    )
    wait(box().upload_tree(tree, how()))
    assert (tmp_path / "root/a/one").read_text() == "1"
    assert (tmp_path / "root/two").exists()


def test_a_download_replaces_only_when_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "a file").write_bytes(CONTENT)
    dest = tmp_path / "dest"
    dest.write_text("old")
    link = box()
    with pytest.raises(OperationError, match=r"cannot read .*missing"):
        wait(link.download(str(tmp_path / "missing"), str(dest), how()))
    assert dest.read_text() == "old"
    wait(link.download(str(tmp_path / "a file"), str(dest), how()))
    assert dest.read_bytes() == CONTENT
    sink = io.BytesIO()
    wait(link.download(str(tmp_path / "a file"), sink, how()))
    assert sink.getvalue() == CONTENT
    sink = io.BytesIO()
    wait(link.download("a file", sink, how(_chdir=str(tmp_path))))
    assert sink.getvalue() == CONTENT


# -- what connectors build on -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({}, "sh -c 'echo hi there'"),
        ({"_shell_executable": None}, "echo hi there"),
        ({"_chdir": "/a b", "_env": {"K": "a'b"}}, None),
        ({"_sudo": True, "_sudo_user": "u"}, "sudo -H -n -u u sh -c 'echo hi there'"),
        (
            {"_sudo": True, "_use_sudo_login": True, "_preserve_sudo_env": True},
            "sudo -H -n -i -E sh -c 'echo hi there'",
        ),
        ({"_sudo_user": "u"}, "sh -c 'echo hi there'"),
        ({"_doas": True, "_doas_user": "u"}, "doas -n -u u sh -c 'echo hi there'"),
        ({"_dzdo": True}, "dzdo -H -n sh -c 'echo hi there'"),
        ({"_su_user": "u", "_use_su_login": True}, """su -l u -c 'sh -c '"'"'echo hi there'"'"''"""),
        ({"_su_user": "u", "_su_shell": "bash"}, """su -s $(command -v bash) u -c 'sh -c '"'"'echo hi there'"'"''"""),
    ],
)
def test_command_lines(arguments: dict[str, Any], line: str | None) -> None:
    made = make_unix_command_for_host(
        State(), Host("h", Inventory.empty(), []), StringCommand("echo hi there"), **arguments
    )
    if line is not None:
        assert made.get_raw_value() == line


@pytest.mark.parametrize("value", ["a b", "it's", '$(touch x) "`', "-n", "two\nlines"])
def test_values_in_command_lines_stay_values(tmp_path: Path, value: str) -> None:
    made = make_unix_command_for_host(
        State(),
        Host("h", Inventory.empty(), []),
        StringCommand('printf %s "$K"'),
        _env={"K": value},
        _chdir=str(tmp_path),
    )
    done = subprocess.run(made.get_raw_value(), shell=True, capture_output=True, text=True, check=True)  # noqa: S602
    assert done.stdout == value


@pytest.fixture
def fake_sudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """A program that behaves as sudo does: with -n it refuses unless no password is needed, with -S it reads one."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def make(free: bool) -> None:
        program = folder / "sudo"
        program.write_text(
            f"""#!/bin/sh
ask=; free={int(free)}
while :; do case $1 in
  -H|-k) shift;; -n) shift;; -S) ask=1; shift;; -p) shift 2;; -u) shift 2;; *) break;;
esac; done
if [ -n "$ask" ]; then IFS= read -r pw; [ "$pw" = pa55 ] || {{ echo wrong >&2; exit 1; }}
elif [ $free = 0 ]; then echo 'sudo: a password is required' >&2; exit 1; fi
exec "$@"
"""
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    return make


@pytest.mark.parametrize("free", [True, False])
@pytest.mark.parametrize("hidden", [True, False])
def test_a_password_is_read_by_sudo_and_never_by_the_command(
    fake_sudo: Callable[[bool], None], free: bool, hidden: bool
) -> None:
    fake_sudo(free)
    link = box()
    found = run(link, "echo got:; cat", hidden=hidden, _sudo=True, _sudo_password=Secret("pa55"), _stdin="input")
    assert found == (0, "got:\ninput\n", "")
    assert "pa55" not in link.connector.seen[-1]["command"]


def test_a_wrong_password_fails(fake_sudo: Callable[[bool], None]) -> None:
    fake_sudo(False)
    status, _, err = run(box(), "true", _sudo=True, _sudo_password=Secret("wrong"))
    assert status == 1
    assert "wrong" in err


@pytest.mark.parametrize(
    ("command", "status", "out"),
    [
        ("echo a; printf b", 0, ["a", "b"]),
        ("exit 7", 7, []),
        ("kill -9 $$", 137, []),
        ("printf '\\377\\n'", 0, ["\ufffd"]),
    ],
)
def test_local_processes(command: str, status: int, out: list[str]) -> None:
    found, output = run_local_process(command)
    assert (found, output.stdout_lines) == (status, out)


def test_a_local_process_that_writes_while_it_reads() -> None:
    data = "line\n" * 100_000
    status, output = run_local_process("cat; echo end >&2", stdin=data)
    assert status == 0
    assert len(output.stdout_lines) == 100_000
    assert output.stderr == "end"
    assert len(output.output_lines) == 100_001
    assert run_local_process("true", stdin=data)[0] == 0


def test_a_local_process_that_takes_too_long() -> None:
    with pytest.raises(TimeoutError):
        run_local_process("sleep 60 & sleep 60", timeout=0.2)
