"""What becomes of exceptions that are harder to describe than others."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from ropewalk import host
from ropewalk.api import operation
from ropewalk.engine.call import describe
from ropewalk.engine.failure import display_path, failure_of
from ropewalk.model.command import Steps
from ropewalk.model.outcome import HostStatus
from support.operations import run
from support.play import play


@operation()
def takes(a: object, b: object) -> Steps:
    yield "true"


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


def test_an_exception_without_a_text_is_named_all_the_same() -> None:
    assert failure_of(Mute()).message == "Mute: (its text cannot be made: RuntimeError)"


def test_it_stops_one_host_only() -> None:
    def deploy() -> None:
        if host.name == "a":
            raise Mute
        run("true", name="x")

    played = play(deploy, hosts=("a", "b"))
    assert [played.result.hosts[name].status for name in ("a", "b")] == [HostStatus.FAILED, HostStatus.OK]


def test_an_argument_that_cannot_be_shown_is_shown_by_its_kind() -> None:
    class Unshown:
        def __repr__(self) -> str:
            raise RuntimeError

    assert describe(takes, (Unshown(),), {"b": Unshown()}) == ("<Unshown>", "b=<Unshown>")


def test_a_working_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert display_path("/a/deploy.py") == "/a/deploy.py"
    with pytest.raises(FileNotFoundError):
        os.getcwd()


def test_asyncio_in_deploy_code_says_where_it_works() -> None:
    async def nothing() -> None:
        raise AssertionError

    def deploy() -> None:
        coroutine = nothing()
        try:
            asyncio.run(coroutine)
        finally:
            coroutine.close()

    played = play(deploy, hosts="a")
    failure = played.result.hosts["a"].failure
    assert failure is not None
    assert "python.call" in str(failure.hint)
