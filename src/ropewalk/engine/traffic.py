"""Counts what talking to a host takes."""

from __future__ import annotations

from dataclasses import dataclass

from ropewalk.model.event import Traffic


@dataclass(slots=True)
class Counter:
    """Counters of one host.

    A round trip is counted when something is sent after an answer has come (or as the first thing): commands
    that leave before any answer arrived share one.
    """

    round_trips: int = 0
    channels: int = 0
    commands: int = 0
    facts: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    seconds: float = 0.0
    _answered: bool = True

    def sent(self, size: int) -> None:
        self.bytes_sent += size
        if self._answered:
            self.round_trips += 1
            self._answered = False

    def received(self, size: int) -> None:
        self.bytes_received += size
        self._answered = True

    def opened(self) -> None:
        self.channels += 1

    def snapshot(self) -> Traffic:
        return Traffic(
            self.round_trips, self.channels, self.commands, self.facts, self.bytes_sent, self.bytes_received,
            self.seconds,
        )  # fmt: skip
