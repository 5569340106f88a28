"""Large files of this machine are read and hashed beside the event loop: no other host waits for a slow disk."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropewalk.engine import content as content_module
from ropewalk.engine.content import Source
from ropewalk.model.command import UploadTree
from ropewalk.operations import files
from ropewalk.operations.files import content
from support.operations import run, steps
from support.play import play


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the threads that read or hash local files."""
    threads: set[str] = set()

    def note() -> None:
        threads.add(threading.current_thread().name)

    hashed, read, packed = content.Content._file_digest, Source.chunks, content_module._add

    def chunks(self: Source) -> Iterator[bytes]:
        for piece in read(self):
            note()
            yield piece

    monkeypatch.setattr(content.Content, "_file_digest", lambda self, algorithm: (note(), hashed(self, algorithm))[1])
    monkeypatch.setattr(Source, "chunks", chunks)
    monkeypatch.setattr(content_module, "_add", lambda *given: (note(), packed(*given))[1])
    return threads


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    path.write_bytes(os.urandom(content.AT_ONCE + 1))
    return path


def test_hashing_and_uploading_a_large_file(large: Path, readers: set[str]) -> None:
    played = play(lambda: files.put(src=str(large), dest="there"))
    assert played.result.ok
    assert played.machines["a"].path("there").read_bytes() == large.read_bytes()
    again = play(
        lambda: (run(f"cp {large} there; printf x | dd of=there conv=notrunc", name="1"),
                 files.put(src=str(large), dest="there", name="2"))
    )  # fmt: skip
    assert again.result.ok
    assert again.machines["a"].path("there").read_bytes() == large.read_bytes()
    assert readers
    assert threading.main_thread().name not in readers


def test_a_tree(large: Path, readers: set[str]) -> None:
    played = play(lambda: steps(UploadTree("there", {"one": (str(large), None)}), name="x"), plan=False)
    assert played.ended("x").failure is None
    assert played.machines["a"].path("there/one").read_bytes() == large.read_bytes()
    assert threading.main_thread().name not in readers


def test_a_small_file_is_not_worth_a_thread(tmp_path: Path, readers: set[str]) -> None:
    (tmp_path / "small").write_text("content\n")

    def deploy() -> None:
        run("echo CONTENT > there", name="1")
        files.put(src=str(tmp_path / "small"), dest="there", name="2")

    played = play(deploy)
    assert played.machines["a"].read("there") == "content\n"
    assert readers == {threading.main_thread().name}
