"""Notes while loading: events where somebody takes them, else the log; never output."""

from __future__ import annotations

import logging

from ropewalk.inventories.note import note


def test_a_note_is_an_event(noted, caplog):
    note("warning", "text")
    assert noted == ["warning: text"]
    assert caplog.records == []


def test_a_note_nobody_takes_is_logged(caplog):
    with caplog.at_level(logging.DEBUG, logger="ropewalk.inventories"):
        note("debug", "100% text")
    assert caplog.record_tuples == [("ropewalk.inventories", logging.DEBUG, "100% text")]
