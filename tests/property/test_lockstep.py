"""Random programs on random hosts: all end, every operation runs once where it should, the order is the source's."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ropewalk.engine.schedule import Lockstep, RunOnce
from support.play import run_async

# A program is a list of (line, how many turns of the loop its operation takes), or ends early.
steps = st.tuples(st.integers(0, 6), st.integers(0, 3))
programs = st.dictionaries(st.integers(0, 7), st.lists(steps, max_size=8), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(
    programs, st.sampled_from([0, 1, 2]), st.dictionaries(st.integers(0, 7), st.integers(0, 8), max_size=3),
    st.sets(st.integers(0, 6)),
)  # fmt: skip
def test_any_programs(
    given_programs: dict[int, list[tuple[int, int]]], limit: int, failures: dict[int, int], once_lines: set[int]
) -> None:
    log: list[tuple[int, tuple[Any, ...]]] = []
    overlaps: list[int] = []

    async def main() -> None:
        lockstep, once = Lockstep(given_programs, limit=limit), RunOnce()
        inside = 0

        async def program(host: int) -> None:
            nonlocal inside
            seen: dict[int, int] = {}
            try:
                for number, (line, turns) in enumerate(given_programs[host]):
                    if failures.get(host) == number:
                        raise ValueError
                    seen[line] = seen.get(line, 0) + 1
                    position = (line, seen[line])
                    step = await lockstep.turn(host, position)
                    if line in once_lines and not once.take(position):
                        continue
                    async with step.slots("op", 0):
                        inside += 1
                        overlaps.append(inside)
                        log.append((host, position))
                        for _ in range(turns):
                            await asyncio.sleep(0)
                        inside -= 1
            finally:
                lockstep.ended(host)

        await asyncio.gather(*map(program, given_programs), return_exceptions=True)

    run_async(main())

    expected = {}
    for host, steps_ in given_programs.items():
        seen: dict[int, int] = {}
        expected[host] = []
        for line, _ in steps_[: failures.get(host, len(steps_))]:
            seen[line] = seen.get(line, 0) + 1
            expected[host].append((line, seen[line]))
    # Every operation that a host comes to runs there once, in the order of the host's program, or once anywhere.
    for host, wanted in expected.items():
        ran = [position for who, position in log if who == host]
        assert ran == [p for p in wanted if p in ran]
        assert set(wanted) - set(ran) <= {p for p in wanted if p[0] in once_lines}
    for position in {p for wanted in expected.values() for p in wanted if p[0] in once_lines}:
        assert sum(p == position for _, p in log) == 1
    assert not limit or max(overlaps, default=0) <= limit
    # Programs that only go forward in the source go through it together.
    if all(wanted == sorted(wanted) for wanted in expected.values()) and not limit:
        assert [position for _, position in log] == sorted(position for _, position in log)
        rank = {host: number for number, host in enumerate(given_programs)}
        for position in {p for _, p in log}:
            at = [rank[host] for host, p in log if p == position]
            assert at == sorted(at)
