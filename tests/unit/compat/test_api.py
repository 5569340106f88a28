"""The modules below ``pyinfra.api``, ``pyinfra.context`` and the logger, as authors of v3 code use them."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.config import Config
from ropewalk.api.context import Frame, current_emit, current_host, current_state, inside, use
from ropewalk.api.host import Host
from ropewalk.api.inventory import Inventory
from ropewalk.api.operation import Operation
from ropewalk.api.state import State
from ropewalk.compat import logs
from ropewalk.compat.pyinfra import context, progress
from ropewalk.compat.pyinfra.api import arguments, command, exceptions, output, util
from ropewalk.compat.pyinfra.api import deploy as deploy_decorator
from ropewalk.compat.pyinfra.api import operation as operation_decorator
from ropewalk.model.errors import NoHostError, OperationError, RopewalkError
from ropewalk.model.event import Event, Noted
from ropewalk.model.v3command import QuoteString, StringCommand

ROOT = Path(__file__).parents[3]


@pytest.fixture
def host() -> Host:
    return Inventory((["web1"], {"_sudo_user": "deploy"})).get_host("web1")


def state(host: Host) -> State:
    return State(host.inventory, Config(SUDO=True, ENV={"A": "1"}))


def test_the_decorators_are_ropewalks() -> None:
    @operation_decorator(is_idempotent=False)
    def mine(path: str) -> Any:
        yield f"touch {path}"

    @deploy_decorator("Mine")
    def all_of_mine() -> None:
        mine(path="/x")

    assert isinstance(mine, Operation)
    assert list(mine._inner("/x")) == ["touch /x"]
    assert all_of_mine._inner is not None


def test_errors_are_ropewalks() -> None:
    assert exceptions.PyinfraError is RopewalkError
    assert issubclass(exceptions.NestedOperationError, exceptions.OperationError)
    for name in exceptions.__all__:
        assert issubclass(getattr(exceptions, name), exceptions.PyinfraError), name
    with pytest.raises(TypeError):  # v3's code catches some of them as builtins
        raise NoHostError


def test_global_arguments_are_taken_out_of_keyword_arguments(host: Host) -> None:
    kwargs = {"path": "/x", "_sudo": False, "name": "n"}
    with inside(Frame({"_chdir": "/srv"})):
        values, given = arguments.pop_global_arguments(state(host), host, kwargs)
    assert kwargs == {"path": "/x"}
    assert sorted(given) == ["_sudo", "name"]
    assert (values["_sudo"], values["_sudo_user"], values["_chdir"]) == (False, "deploy", "/srv")
    assert values["_env"] == {"A": "1"}


def test_lists_of_arguments() -> None:
    everything = dict(arguments.all_global_arguments())
    assert {"_sudo", "_env", "name", "_if"} <= set(everything)
    assert "_sudo" in arguments.CONNECTOR_ARGUMENT_KEYS
    assert "name" not in arguments.CONNECTOR_ARGUMENT_KEYS
    assert set(arguments.EXECUTION_KWARG_KEYS) <= set(everything)


def test_the_environment_of_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C")
    config = Config(ENV={"A": "1", "B": "1"}, INHERIT_ENV=["LANG"])
    assert arguments.generate_env(config, {"B": "2"}) == {"LANG": "C", "A": "1", "B": "2"}
    assert arguments.generate_env(Config(), None) == {}


@pytest.mark.parametrize(("answer", "ok"), [(True, True), (False, False), ((True, []), True), ((False, []), False)])
def test_a_command_of_an_authors_own(host: Host, answer: Any, ok: bool) -> None:
    class Ping(command.PyinfraCommand):
        def execute(self, state: State, host: Host, connector_arguments: Any) -> Any:
            assert (host.name, connector_arguments) == ("web1", {"_sudo": True})
            return answer

    assert isinstance(StringCommand("x"), command.PyinfraCommand)
    step = Ping(_sudo=True).step()
    with use(current_host, host), use(current_state, state(host)):
        if ok:
            step.function()
        else:
            with pytest.raises(OperationError, match="Ping failed"):
                step.function()


# -- context ------------------------------------------------------------------------------------------------------


def test_the_current_host_is_set_for_a_with_only(host: Host) -> None:
    def fail_inside() -> None:
        with context.ctx_host.use(host):
            assert context.host.name == "web1"
            assert context.ctx_host.get() is host
            raise KeyError

    assert not context.ctx_host.isset()
    with pytest.raises(KeyError):
        fail_inside()
    assert context.ctx_host.get() is None


def test_the_current_host_can_be_set_and_reset(host: Host) -> None:
    context.ctx_host.set(host)
    assert context.ctx_host.isset()
    context.ctx_host.reset()
    assert not context.ctx_host.isset()
    assert not context.host


# -- output -------------------------------------------------------------------------------------------------------


def test_the_logger_speaks_through_the_run(host: Host) -> None:
    events: list[Event] = []
    with use(current_emit, events.append), use(current_host, host):
        logs.logger.warning("disk %s", "full")
    with use(current_emit, events.append):
        logs.logger.error("all over")
    logs.logger.warning("nobody listens")
    assert events == [Noted("warning", "disk full", "web1"), Noted("error", "all over", None)]


def test_progress_is_told_to_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs.logger, "level", logging.DEBUG)
    logs.logger.manager._clear_cache()  # type: ignore[attr-defined]
    events: list[Event] = []
    with use(current_emit, events.append), progress.progress_spinner(["a", "b"], prefix_message="build") as done:
        done("a")
    logs.logger.manager._clear_cache()  # type: ignore[attr-defined]
    assert events == [Noted("debug", "build: a is done, 1 to go")]


def test_output_goes_where_a_program_wants_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output.echo("to stderr")
    assert capsys.readouterr().err == "to stderr\n"
    assert output.format_text("plain", "red", bold=True) == "plain"
    monkeypatch.setattr(output, "_text", output._text)
    monkeypatch.setattr(output, "_say", output._say)
    said: list[str] = []
    output.set_formatter(lambda text, *args, **kwargs: f"<{text}>")
    output.set_echo(said.append)
    output.echo(output.format_text("x"))
    assert said == ["<x>"]
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert not output.is_output_active()


# -- small functions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "result"), [("12", 12), ("x", "x"), (None, None), (1.5, 1), ([1], [1])])
def test_try_int(value: Any, result: Any) -> None:
    assert util.try_int(value) == result


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({1, 2, 3}, {3, 2, 1}, True),
        ([1, 2], (1, 2), True),
        ([1, 2], [2, 1], False),
        (["ab"], ["a", "b"], False),
        (io.StringIO("x"), io.StringIO("x"), True),
        (len, len, True),
    ],
)
def test_hashes_of_values(one: Any, other: Any, same: bool) -> None:
    assert (util.make_hash(one) == util.make_hash(other)) is same


def test_digests_are_those_of_the_file_as_it_is_now(tmp_path: Path) -> None:
    file = tmp_path / "f"
    for text in ("one", "two"):
        file.write_text(text)
        assert util.get_file_sha1(str(file)) == util.sha1_hash(text)
    assert util.get_file_md5(io.BytesIO(b"")) == "d41d8cd98f00b204e9800998ecf8427e"
    assert util.get_file_sha256(io.StringIO("")).startswith("e3b0c442")


def test_an_open_file_is_read_whole_and_put_back() -> None:
    given = io.StringIO("content")
    given.read(3)
    with util.get_file_io(given) as file:
        assert file.read() == "content"
    assert given.read() == "tent"
    assert util.get_file_io(given).cache_key is None
    with pytest.raises(TypeError, match="neither a path nor a file object"):
        util.get_file_io(3)  # type: ignore[arg-type]


def test_an_opened_file_is_closed(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    opened = util.get_file_io(str(tmp_path / "f"))
    with opened as file:
        assert file.read() == b"x"
    assert file.closed
    assert opened.cache_key == str(tmp_path / "f")


def test_remembered_results() -> None:
    calls: list[int] = []

    @util.memoize
    def double(value: int) -> int:
        calls.append(value)
        return value * 2

    assert [double(2), double(2), double(3)] == [4, 4, 6]
    assert calls == [2, 3]


def test_small_texts(tmp_path: Path, host: Host) -> None:
    assert util.get_kwargs_str({"a": 1}) == " (a=1)"
    assert util.get_kwargs_str({}) == ""
    assert util.format_exception(KeyError("x")) == "KeyError('x',)"
    assert f"line {sys._getframe().f_lineno} in" in util.get_call_location(0)
    (tmp_path / "f").touch(mode=0o640)
    assert util.get_path_permissions_mode(str(tmp_path / "f")) == "640"
    here = state(host)
    here.cwd = str(tmp_path)
    assert util.get_file_path(here, "f") == str(tmp_path / "f")
    assert util.get_file_path(here, "/etc/f") == "/etc/f"
    with pytest.raises(ValueError, match="size: must be a whole number"):
        util.raise_if_bad_type("x", int, ValueError, "size")


def test_templates(host: Host) -> None:
    with use(current_host, host), use(current_state, state(host)):
        template = util.get_template(io.StringIO("{{ host.name }} {{ word }}\n"))
        assert template.render(word="w") == template.render({"word": "w"}) == "web1 w\n"
        with pytest.raises(OperationError, match="word"):
            template.render()


def test_formatted_commands() -> None:
    made = command.make_formatted_string_command("systemctl {1} {0} --now", QuoteString("a b"), "start")
    assert made.get_raw_value() == "systemctl start 'a b' --now"


def test_the_generated_protocol_is_up_to_date() -> None:
    tool = [sys.executable, str(ROOT / "tools" / "gen_v3_call.py"), "--check"]
    done = subprocess.run(tool, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_what_each_global_argument_means_can_be_looked_up() -> None:
    assert set(arguments.all_argument_meta) == {name for name, _ in arguments.all_global_arguments()}
    config = Config(SUDO=True, PARALLEL=3)
    defaults = {name: meta.default(config) for name, meta in arguments.all_argument_meta.items()}
    assert (defaults["_sudo"], defaults["_parallel"], defaults["_retries"], defaults["_chdir"]) == (True, 3, 0, None)
    assert all(meta.description for meta in arguments.all_argument_meta.values())


def test_a_host_says_which_deploy_is_open(host: Host) -> None:
    assert (host.in_deploy, host.current_deploy_name, host.current_deploy_data) == (False, None, None)
    with inside(Frame(name="Outer", data={"port": 1})), inside(Frame({"_sudo": True})):
        assert (host.in_deploy, host.current_deploy_name, host.current_deploy_data) == (True, "Outer", {"port": 1})
    assert not host.in_deploy
