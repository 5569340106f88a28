"""Traces: what a collector receives of a run."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from stories import STORIES

from ropewalk.model.event import ConnectEnded, ConnectStarted, HostEnded, RunEnded, RunStarted
from ropewalk.model.outcome import ExitStatus, HostStatus
from ropewalk.report.otel import Traces
from support.otlp import Collector, collecting


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.endpoint)
        yield made


def send(name: str, **environment: str) -> str | None:
    """Send the trace of a story whose events come a second apart; return what could not be sent."""
    traces = Traces(run="r1", version="1.2.3", environment=environment)
    at = datetime(2024, 2, 29, 12, tzinfo=UTC)
    for number, event in enumerate(STORIES[name]()):
        traces.take(event, at + timedelta(seconds=number))
    return traces.close()


@pytest.mark.parametrize("name", STORIES)
def test_every_story_is_one_tree_of_spans_that_lie_in_each_other(collector: Collector, name: str) -> None:
    assert send(name) is None
    [root] = [span for span in collector.spans if not span.parent]
    assert root.name.startswith("ropewalk ")
    assert root.attributes["ropewalk.run"] == "r1"
    assert {span.trace for span in collector.spans} == {root.trace}
    for span in collector.spans:
        assert span.began <= span.ended
        if span.parent:
            parent = collector.parent(span)
            assert parent.began <= span.began
            assert span.ended <= parent.ended or parent.attributes.get("ropewalk.host") == span.name


def test_spans_are_nested_as_operations_are(collector: Collector) -> None:
    send("nested_failure")
    [failed, well] = sorted(collector.named("Migrate the database"), key=lambda span: span.attributes["ropewalk.host"])
    assert collector.path(failed) == ["ropewalk deploy", "web1", "Roll out the app", "Migrate the database"]
    assert collector.path(well) == ["ropewalk deploy", "web2", "Roll out the app", "Migrate the database"]
    assert (failed.failed, failed.message, failed.attributes["ropewalk.outcome"]) == (True, "exit status 1", "failed")
    assert (well.failed, well.attributes["ropewalk.outcome"]) == (False, "changed")
    assert failed.attributes["code.file.path"] == "deploy.py"
    assert failed.attributes["code.line.number"] == 31


def test_commands_and_facts_are_spans(collector: Collector) -> None:
    send("verbose_details")
    [command] = collector.named("apt-get install -y nginx")
    assert collector.path(command)[-2:] == ["Install nginx", "apt-get install -y nginx"]
    assert command.attributes["process.exit.code"] == 0
    assert command.ended - command.began == 3_000_000_000
    [fact] = collector.named("fact files.File (path=/etc/hosts)")
    assert fact.ended - fact.began == 100_000_000


@pytest.mark.parametrize(
    ("name", "failed"),
    [
        ("everything_well", set()),
        ("failure_ignored", set()),
        ("one_unreachable", {"ropewalk deploy", "web2", "connect"}),
        ("deploy_code_raises", {"ropewalk deploy", "web1"}),
        ("interrupted", {"ropewalk deploy", "web1", "Install nginx"}),
    ],
)
def test_spans_fail_as_what_they_tell_of_does(collector: Collector, name: str, failed: set[str]) -> None:
    send(name)
    assert {span.name for span in collector.spans if span.failed} == failed


def test_retries_are_events_of_the_operation(collector: Collector) -> None:
    send("retried")
    [span] = collector.named("Install nginx")
    assert span.events == ("retry",)
    assert span.attributes["ropewalk.attempts"] == 2


def test_the_service_has_a_name_that_a_variable_changes(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    send("nothing_to_do")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "rollout")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "team=web")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20x")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    send("nothing_to_do")
    first, second = collector.resources
    assert (first["service.name"], first["service.version"]) == ("ropewalk", "1.2.3")
    assert (second["service.name"], second["team"]) == ("rollout", "web")
    assert collector.headers[1]["Authorization" if "Authorization" in collector.headers[1] else "authorization"]
    assert collector.paths == ["/v1/traces", "/v1/traces"]


def test_the_run_can_be_a_part_of_another_trace(collector: Collector) -> None:
    send("nothing_to_do", TRACEPARENT="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    [root] = collector.named("ropewalk deploy")
    assert root.trace.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert root.parent.hex() == "b7ad6b7169203331"


def test_a_slow_collector_gets_every_span(collector: Collector) -> None:
    collector.open.clear()
    traces = Traces(run="r1", version="1.2.3", environment={})
    names = tuple(map(str, range(2500)))
    for event in [RunStarted(names, "1.2.3", "deploy"), *map(ConnectStarted, names)]:
        traces(event)
    for name in names:
        traces(ConnectEnded(name, 0.1))
        traces(HostEnded(name, HostStatus.OK))
    traces(RunEnded(ExitStatus.OK, 1.0))
    collector.open.set()
    assert traces.close() is None
    assert len(collector.spans) == 5001


def test_what_a_collector_does_not_take_is_told_once(
    collector: Collector, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    collector.answer = 400
    lost = send("nothing_to_do")
    assert lost is not None
    assert lost.startswith("5 of 5 spans could not be sent: ")
    assert "400" in lost
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("opentelemetry").propagate
    assert logging.getLogger("opentelemetry").handlers == []


def test_a_collector_that_is_not_there_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    traces = Traces(run="r1", version="1.2.3", environment={})
    for event in STORIES["nothing_to_do"]():
        traces(event)
    lost = traces.close(patience=0.1)
    assert lost is not None
    assert "5 of 5 spans" in lost
