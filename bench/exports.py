"""What exports and history cost: the run of ``engine.py`` with each of them, with all, and without any.

    .venv/bin/python bench/exports.py [--hosts 1000] [--runs 1]

Processor time of the whole process, threads and what is written at the end included, in microseconds for an operation
on a host. Spans go to a port where somebody takes them and does nothing with them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import engine
from ropewalk.history.recording import About, Recording, new_id
from ropewalk.history.store import Retention, Store
from ropewalk.model.result import RunResult
from ropewalk.report import junit
from ropewalk.report.html import page
from ropewalk.report.html.moments import Moments
from ropewalk.report.jsonl import EventLines
from ropewalk.report.jsonl_file import LineFile, TextFile

NAMES = ("events", "junit", "html", "history", "otel")


class Wanted:
    """The listeners of some exports, and what they do at the end.

    :param directory: where they write.
    """

    def __init__(self, names: list[str], directory: Path, deploy: Path, ends: ExitStack) -> None:
        self.listeners: list[Any] = []
        self.past: Recording | None = None
        result, moments = RunResult(), Moments()
        if {"junit", "html"} & {*names}:
            self.listeners.append(result.take)
        if "events" in names:
            lines = LineFile(TextFile(str(directory / "events.jsonl")), "events")
            self.listeners.append(EventLines(lines.put))
            ends.callback(lines.close)
        if "junit" in names:
            ends.callback(lambda: (directory / "run.xml").write_text(junit.document(result, started=datetime.now(UTC))))
        if "html" in names:
            self.listeners.append(moments)
            ends.callback(lambda: (directory / "run.html").write_text(page.document(result, moments, about={})))
        if "history" in names:
            about = About(new_id(), "deploy", "hosts", (str(deploy),), (str(deploy),))
            self.past = Recording(directory / "state", about, journal=True, pending=True, warn=sys.exit)
            self.listeners.append(self.past)
            ends.callback(lambda: _keep(directory / "state", self.past))
        if "otel" in names:
            from ropewalk.report.otel import Traces

            os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = ends.enter_context(_nobody())
            traces = Traces(run=uuid.uuid4().hex, version="0", environment=os.environ)
            self.listeners.append(traces)
            ends.callback(lambda: print(traces.close(60.0) or "every span was sent", file=sys.stderr))


def _keep(directory: Path, recording: Recording | None) -> None:
    if recording is not None and recording.close():
        with Store(directory) as store:
            store.forget(Retention(90, 1000))


@contextmanager
def _nobody() -> Iterator[str]:
    """Take what is sent to an address; costs a little of the time that is measured."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def measure(names: list[str], hosts: int) -> float:
    """Return the microseconds for an operation on a host."""
    with tempfile.TemporaryDirectory(prefix="exports-") as folder:
        deploy = Path(folder) / "deploy.py"
        deploy.write_text(engine.DEPLOY.format(base=f"{folder}/site", parts=1))
        (Path(folder) / "site").mkdir()
        engine.converge(deploy)
        before = time.process_time()
        with ExitStack() as ends:
            wanted = Wanted(names, Path(folder), deploy, ends)
            engine.measure(deploy, hosts, 0.0, listeners=wanted.listeners, past=wanted.past)
        return (time.process_time() - before) / (hosts * engine.OPERATIONS) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=1, help="of each; the median counts")
    parser.add_argument("--only", help="measure these exports in this process, with commas between")
    given = parser.parse_args()
    if given.only is not None:
        print(measure([name for name in given.only.split(",") if name], given.hosts))
        return
    for names in ["", *NAMES, ",".join(NAMES)]:
        words = [sys.executable, __file__, "--hosts", str(given.hosts), "--only", names]
        runs = [float(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout) for _ in range(given.runs)]
        print(json.dumps({"exports": names or "none", "us": round(statistics.median(runs), 1)}), flush=True)


if __name__ == "__main__":
    main()
