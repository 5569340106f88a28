"""Counts what talking to a host takes."""

from __future__ import annotations

from dataclasses import dataclass

from ropewalk.model.event import Traffic


@dataclass(slots=True)
class Counter:
    """Counters of one host.

    Round trips are counted as the network would make them wait: what is sent before an answer has come shares
    one with what was sent before it; what is sent after an answer needs one more than that answer did.
    """

    round_trips: int = 0
    channels: int = 0
    commands: int = 0
    facts: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    seconds: float = 0.0
    _answered: int = 0

    def asks(self) -> int:
        """Something that wants an answer is sent; returns which round trip that is."""
        trip = self._answered + 1
        self.round_trips = max(self.round_trips, trip)
        return trip

    def answers(self, trip: int) -> None:
        """The answer to what was sent in this round trip has come."""
        self._answered = max(self._answered, trip)

    def sent(self, size: int) -> None:
        self.bytes_sent += size

    def received(self, size: int) -> None:
        self.bytes_received += size

    def opened(self) -> None:
        """A process was started on the host, over a channel of its own."""
        self.channels += 1

    def snapshot(self) -> Traffic:
        """Return the counts so far."""
        return Traffic(
            self.round_trips, self.channels, self.commands, self.facts, self.bytes_sent, self.bytes_received,
            self.seconds,
        )  # fmt: skip
