"""A collector of traces: takes what comes by OTLP over HTTP, and decodes it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """A span as it arrived."""

    name: str
    id: bytes
    trace: bytes
    parent: bytes
    began: int
    ended: int
    attributes: dict[str, Any]
    failed: bool
    message: str
    events: tuple[str, ...]


@dataclass
class Collector:
    """What has arrived.

    :ivar answer: the HTTP status of every answer.
    :ivar open: nothing is answered before this is set.
    """

    port: int = 0
    answer: int = 200
    open: threading.Event = field(default_factory=threading.Event)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    _by_id: dict[bytes, Span] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def named(self, name: str) -> list[Span]:
        return [span for span in self.spans if span.name == name]

    def parent(self, span: Span) -> Span:
        if span.parent not in self._by_id:
            self._by_id.update({other.id: other for other in self.spans})
        return self._by_id[span.parent]

    def path(self, span: Span) -> list[str]:
        """Return the names of a span and of those around it, the outermost first."""
        return [*(self.path(self.parent(span)) if span.parent else ()), span.name]

    def take(self, data: bytes) -> None:
        for group in ExportTraceServiceRequest.FromString(data).resource_spans:
            self.resources.append(_attributes(group.resource.attributes))
            self.spans += [_span(span) for scope in group.scope_spans for span in scope.spans]


@contextmanager
def collecting() -> Iterator[Collector]:
    """Take traces on a port of the loopback interface in this ``with``."""
    made = Collector()
    made.open.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.open.wait()
            made.paths.append(self.path)
            made.headers.append(dict(self.headers))
            if made.answer == 200:
                made.take(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            self.send_response(made.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield made
        finally:
            made.open.set()
            server.shutdown()
            thread.join()


def _span(span: Any) -> Span:
    return Span(
        span.name, span.span_id, span.trace_id, span.parent_span_id, span.start_time_unix_nano, span.end_time_unix_nano,
        _attributes(span.attributes), span.status.code == 2, span.status.message,
        tuple(event.name for event in span.events),
    )  # fmt: skip


def _attributes(given: Any) -> dict[str, Any]:
    return {entry.key: getattr(entry.value, entry.value.WhichOneof("value")) for entry in given}
