"""What becomes of commands that nobody waits for any more: it needs a connector that opens streams."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ropewalk.engine.link import Link
from ropewalk.model.command import Upload
from ropewalk.shell.how import How
from ropewalk.testing.connector_contract.hosts import PLAIN, folder_on, said
from ropewalk.testing.connector_contract.running import Connect, run


class EndingContract:
    """Tests of cancelling and of timeouts. Part of :class:`ConnectorContract`."""

    @pytest.mark.parametrize("further", [{}, {"_stdin": "input"}, {"_get_pty": True}], ids=["", "stdin", "terminal"])
    def test_a_command_whose_time_is_up_ends_on_the_host(self, link: Connect[Link], further: dict[str, Any]) -> None:
        async def test(link: Link) -> None:
            async with folder_on(link) as folder:
                how = How.of({"_chdir": folder, "_timeout": 1, **further})
                done = await link.run("echo $$ >pid; sleep 600", how)
                assert done.status is None
                await said(link, _GONE, _chdir=folder)

        run(link, test)

    def test_a_command_that_is_cancelled_ends_on_the_host(self, link: Connect[Link], other: Connect[Link]) -> None:
        async def test(link: Link) -> None:
            async with other() as beside, folder_on(beside) as folder:
                waiting = asyncio.ensure_future(link.run("echo $$ >pid; sleep 600", How.of({"_chdir": folder})))
                await said(beside, _STARTED, _chdir=folder)
                waiting.cancel()
                await asyncio.wait([waiting])
                assert waiting.cancelled()
                await said(beside, _GONE, _chdir=folder)
                assert (await link.run("true", PLAIN)).status == 0

        run(link, test)

    def test_an_upload_that_is_cancelled_leaves_everything_as_it_was(
        self, link: Connect[Link], other: Connect[Link], tmp_path: Path
    ) -> None:
        endless = tmp_path / "endless"
        with endless.open("wb") as file:
            file.truncate(1 << 40)

        async def test(link: Link) -> None:
            async with other() as beside, folder_on(beside) as folder:
                await said(beside, "printf old >file", _chdir=folder)
                waiting = asyncio.ensure_future(link.upload(Upload(str(endless), f"{folder}/file"), PLAIN))
                await said(beside, _until('[ "$(ls -A | wc -l)" -gt 1 ]'), _chdir=folder)
                waiting.cancel()
                await asyncio.wait([waiting])
                await said(beside, _until('[ "$(ls -A)" = file ]'), _chdir=folder)
                assert await said(beside, "cat file", _chdir=folder) == "old"

        run(link, test)


def _until(condition: str) -> str:
    """Return the script that waits until something holds, for ten seconds at most."""
    return f"for i in $(seq 100); do ! {{ {condition}; }} || exit 0; sleep 0.1; done; exit 1"


# A container's first process may be one that buries nobody: who is dead there still has a number.
_GONE = _until('p=$(cat pid); ! kill -0 "$p" 2>/dev/null || grep -qs ") Z" "/proc/$p/stat"')
_STARTED = _until("[ -s pid ]")
