"""An OTLP receiver that is not of ours: PyPI's oteltap, as a process of its own. Skipped where it is not installed."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.e2e_processes import eventually


@dataclass
class Receiver:
    """What has arrived.

    :ivar endpoint: where traces are sent.
    """

    endpoint: str
    output: Path

    @property
    def spans(self) -> list[dict[str, Any]]:
        """The spans, as OTLP's JSON has them; attributes as one dictionary."""
        found = [json.loads(line) for line in self.output.read_text().splitlines() if line.startswith("{")]
        return [{**span, "attributes": _attributes(span["attributes"])} for span in found]


def unavailable() -> str | None:
    return None if importlib.util.find_spec("oteltap") is not None else "needs oteltap"


@contextmanager
def receiving(directory: Path) -> Iterator[Receiver]:
    """Receive traces on a port of the loopback interface in this ``with``."""
    port, output = _free_port(), directory / "spans.ndjson"
    with output.open("wb") as file:
        words = [sys.executable, "-m", "oteltap", "--port", str(port)]
        process = subprocess.Popen(words, stdout=file, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        eventually(lambda: _listens(port), "the receiver listens")
        yield Receiver(f"http://127.0.0.1:{port}", output)
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as made:
        return made.connect_ex(("127.0.0.1", port)) == 0


def _attributes(given: list[dict[str, Any]]) -> dict[str, Any]:
    return {entry["key"]: next(iter(entry["value"].values())) for entry in given}
