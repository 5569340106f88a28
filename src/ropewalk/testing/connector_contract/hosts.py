"""What holds of every host that can be reached, whatever reaches it: commands, files, identities."""

from __future__ import annotations

import functools
import io
import os
import shlex
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ropewalk.engine.link import Link
from ropewalk.model.command import Upload
from ropewalk.model.errors import OperationError
from ropewalk.shell.how import How
from ropewalk.testing.connector_contract.running import Connect, run

LARGE = 50_000_000
NAMES = ["plain", " a'b\"c $(id) äö;\n -rf ", "-n", "back\\slash*?[x]~"]
#: One large file will do.
FILES = [*((size, name) for size in (0, 1) for name in NAMES), (LARGE, NAMES[1])]
PLAIN = How.of({})
#: Whose commands and files stand for those of another user, where root becomes somebody.
SOMEBODY = "nobody"


async def said(link: Link, command: str, **arguments: Any) -> str:
    """Run a command that succeeds; return what it wrote."""
    done = await link.run(command, How.of(arguments))
    assert done.status == 0, (command, done.stderr.value())
    return done.stdout.value().decode()


@asynccontextmanager
async def folder_on(link: Link) -> AsyncIterator[str]:
    """Make a directory on the host, and remove it at the end."""
    path = (await said(link, "mktemp -d")).strip()
    try:
        yield path
    finally:
        await said(link, f"rm -rf {shlex.quote(path)}")


@functools.lru_cache
def content(size: int) -> bytes:
    """Return bytes that nobody has guessed."""
    return os.urandom(size)


class HostContract:
    """Tests of commands, files and identities on a host. Part of :class:`ConnectorContract`."""

    def test_output_and_status_of_commands(self, link: Connect[Link]) -> None:
        async def test(link: Link) -> None:
            done = await link.run("echo out; echo err >&2; exit 4", PLAIN)
            assert (done.stdout.value(), done.stderr.value(), done.status) == (b"out\n", b"err\n", 4)
            assert (await link.run("true", PLAIN)).status == 0

        run(link, test)

    def test_commands_know_where_they_are_and_what_was_set(self, link: Connect[Link]) -> None:
        async def test(link: Link) -> None:
            value = "it's $HOME; `id`"
            assert await said(link, 'pwd; printf "%s\\n" "$A"', _chdir="/", _env={"A": value}) == f"/\n{value}\n"
            assert await said(link, "cat", _stdin="given\n") == "given\n"

        run(link, test)

    def test_large_output(self, link: Connect[Link]) -> None:
        async def test(link: Link) -> None:
            done = await link.run("head -c 5000000 /dev/zero | tr '\\0' x", PLAIN, limits=(6_000_000, 0))
            assert done.stdout.value().strip() == b"x" * 5_000_000

        run(link, test)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
    def test_a_command_that_a_signal_ends_has_failed(self, link: Connect[Link], number: signal.Signals) -> None:
        async def test(link: Link) -> None:
            done = await link.run(f"kill -{int(number)} $$; sleep 5", PLAIN)
            assert done.status not in (0, None)  # which one: see the tests of streams
            assert await said(link, "echo still there") == "still there\n"

        run(link, test)

    @pytest.mark.parametrize(("size", "name"), FILES)
    def test_files_go_there_and_back(self, link: Connect[Link], size: int, name: str) -> None:
        async def test(link: Link) -> None:
            async with folder_on(link) as folder:
                there, back = f"{folder}/{name}", io.BytesIO()
                await link.upload(Upload(content(size), there, mode="640"), PLAIN)
                await link.download(there, back, PLAIN)
                assert back.getvalue() == content(size)
                assert (await said(link, f"ls -l {shlex.quote(folder)}")).count("-rw-r-----") == 1

        run(link, test)

    def test_a_local_file_replaces_another_and_keeps_its_mode(self, link: Connect[Link], tmp_path: Path) -> None:
        local = tmp_path / "local"
        local.write_bytes(content(100_000))

        async def test(link: Link) -> None:
            async with folder_on(link) as folder:
                await said(link, "echo old >file; chmod 604 file", _chdir=folder)
                await link.upload(Upload(str(local), f"{folder}/file"), PLAIN)
                await link.download(f"{folder}/file", str(tmp_path / "back"), PLAIN)
                assert (tmp_path / "back").read_bytes() == content(100_000)
                assert (await said(link, f"ls -l {folder}/file")).startswith("-rw----r--")

        run(link, test)

    @pytest.mark.parametrize("old", [None, "old"])
    @pytest.mark.parametrize("size", [10, 300_000])
    def test_an_upload_that_fails_leaves_everything_as_it_was(
        self, link: Connect[Link], size: int, old: str | None
    ) -> None:
        async def test(link: Link) -> None:
            async with folder_on(link) as folder:
                if old is not None:
                    await said(link, f"echo {old} >file", _chdir=folder)
                with pytest.raises(OperationError, match=r"cannot write .*/file"):
                    await link.upload(Upload(content(size), f"{folder}/file", user="no-such-user"), PLAIN)
                assert await said(link, "ls -A", _chdir=folder) == ("file\n" if old else "")
                assert await said(link, "cat file 2>/dev/null || :", _chdir=folder) == (f"{old}\n" if old else "")

        run(link, test)

    def test_a_file_is_never_half_there(self, link: Connect[Link]) -> None:
        async def test(link: Link) -> None:
            async with folder_on(link) as folder:
                await said(link, "echo old >file; ln file other", _chdir=folder)
                await link.upload(Upload(content(200_000), f"{folder}/file"), PLAIN)
                # It was put in the place of the old one: who has that open, or another name for it, still reads it.
                assert await said(link, "cat other", _chdir=folder) == "old\n"

        run(link, test)

    def test_what_cannot_be_written_or_read_is_told(self, link: Connect[Link], tmp_path: Path) -> None:
        async def test(link: Link) -> None:
            async with folder_on(link) as folder:
                with pytest.raises(OperationError, match=r"cannot write .*/no/file"):
                    await link.upload(Upload(b"x", f"{folder}/no/file"), PLAIN)
                with pytest.raises(OperationError, match=r"cannot read .*/none"):
                    await link.download(f"{folder}/none", str(tmp_path / "none"), PLAIN)
                assert not (tmp_path / "none").exists()

        run(link, test)

    def test_commands_and_files_of_another_user(self, link: Connect[Link]) -> None:
        async def test(link: Link) -> None:
            who, name = await self._another(link)
            async with folder_on(link) as folder:
                await said(link, f"chmod 777 {folder}")
                assert (await said(link, "id -un", **who)).strip() == name
                assert (await said(link, "id -un")).strip() != name
                await link.upload(Upload(content(200_000), f"{folder}/file", mode="600"), How.of(who))
                assert (await said(link, f"ls -l {folder}/file")).split()[2] == name
                back = io.BytesIO()
                await link.download(f"{folder}/file", back, How.of(who))
                assert back.getvalue() == content(200_000)
                await said(link, f"rm {folder}/file", **who)

        run(link, test)

    @staticmethod
    async def _another(link: Link) -> tuple[dict[str, Any], str]:
        """Return how to become another user on the host, and his name."""
        if (await said(link, "id -u")).strip() == "0":
            await said(link, f"id {SOMEBODY}")
            return {"_su_user": SOMEBODY, "_su_shell": "sh"}, SOMEBODY
        done = await link.run("sudo -n true", PLAIN)
        if done.status != 0:
            pytest.skip("needs root on the host, or sudo without a password")
        return {"_sudo": True}, "root"
