"""``--otel``: a run as a trace: run, passes, hosts, connections, operations, commands and facts are its spans.

Sent by OTLP over HTTP while the run goes on, as the ``OTEL_...`` variables of OpenTelemetry's specification say. This
module and ``otel_spans.py`` know OpenTelemetry, which is there if ``ropewalk[otel]`` is installed; no other does.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ropewalk.model.event import Event
from ropewalk.report.jsonl import now
from ropewalk.report.otel_spans import Spans

#: So many spans wait to be sent where the collector is slow (the library's own default loses spans of large runs).
MOST_WAITING = 65536
#: Seconds that the end of a run waits for what is not sent yet; and where the collector does not take it.
PATIENCE, LITTLE_PATIENCE = 5.0, 1.0


class Traces:
    """A listener that sends a trace.

    :param run: tells the run apart from others; the same as in the lines of ``--events``.
    :param environment: where a ``TRACEPARENT`` (W3C Trace Context) says which trace the run is a part of.
    """

    def __init__(self, *, run: str, version: str, environment: Mapping[str, str]) -> None:
        self._messages = _Messages()
        exporter = OTLPSpanExporter()
        self._counting = _Counting(exporter)
        self._processor = BatchSpanProcessor(self._counting, max_queue_size=_queue_size(environment))
        provider = TracerProvider(resource=_resource(version), shutdown_on_exit=False)
        provider.add_span_processor(self._processor)
        carrier = {"traceparent": environment.get("TRACEPARENT", ""), "tracestate": environment.get("TRACESTATE", "")}
        outer = TraceContextTextMapPropagator().extract(carrier, context=Context())
        self._spans = Spans(provider.get_tracer("ropewalk", version), run, outer)

    def __call__(self, event: Event) -> None:
        self.take(event, now())

    def take(self, event: Event, at: datetime) -> None:
        """Take an event that happened at this time."""
        self._spans.take(event, at)

    def close(self, patience: float | None = None) -> str | None:
        """Send what is left, and return what could not be sent, in words.

        :param patience: wait so many seconds at most (default: :data:`PATIENCE`).
        """
        worker = threading.Thread(target=self._processor.shutdown, name="ropewalk traces", daemon=True)
        worker.start()
        left = PATIENCE if patience is None else patience
        while worker.is_alive() and left > 0:
            if self._messages.last:
                left = min(left, LITTLE_PATIENCE)
            worker.join(min(left, 0.1))
            left -= 0.1
        lost = self._spans.ended - self._counting.sent
        why = self._messages.close()
        return f"{lost} of {self._spans.ended} spans could not be sent{f': {why}' if why else ''}" if lost else None


class _Counting(SpanExporter):
    """Counts what the exporter has sent."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self.sent = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self.sent += len(spans)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


class _Messages(logging.Handler):
    """Keeps the last complaint of the library instead of letting it write on the screen."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""
        self._logger = logging.getLogger("opentelemetry")
        self._propagate = self._logger.propagate
        self._logger.addHandler(self)
        self._logger.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage()

    def close(self) -> str:  # type: ignore[override]  # nobody else closes this one
        self._logger.removeHandler(self)
        self._logger.propagate = self._propagate
        super().close()
        return self.last


def _resource(version: str) -> Resource:
    """Return what the spans are from; ``OTEL_SERVICE_NAME`` and ``OTEL_RESOURCE_ATTRIBUTES`` win."""
    given = Resource.create()
    if str(given.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
        given = given.merge(Resource({SERVICE_NAME: "ropewalk"}))
    return Resource({"service.version": version}).merge(given)


def _queue_size(environment: Mapping[str, str]) -> int | None:
    return None if "OTEL_BSP_MAX_QUEUE_SIZE" in environment else MOST_WAITING
