"""What a connector promises about the processes that it opens."""

from __future__ import annotations

import asyncio
import signal

import pytest

from ropewalk.api.connector import Connector
from ropewalk.testing.connector_contract.running import EVERY_BYTE, Connect, all_of, finish, run

ARGUMENTS = [
    "", " ", "a b", "'", '"', "\\", "$HOME", "`id`", "$(id)", ";", "&", "|", "*", "?", "[a]", "~", "#", "!", "!!", "%s",
    "-n", "--", "a\nb", "\n", "\t", "a'b\"c\\d", "äöü 漢字 🦆", "{a,b}", "x=y", ">file", "a\rb", "\x01\x7f",
]  # fmt: skip


#: Waits until a process has ended; in a container, nobody may take note of that.
GONE = 'while kill -0 "$1" 2>/dev/null && ! grep -qs ") Z" "/proc/$1/stat"; do sleep 0.05; done'


class StreamContract:
    """Tests of ``open``, and of the streams that it returns. Part of :class:`ConnectorContract`."""

    def test_a_connector_fits_the_protocol(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            assert isinstance(connector, Connector)

        run(connect, test)

    def test_bytes_travel_both_ways_and_errors_apart(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["sh", "-c", "cat; echo oops >&2; exit 4"])
            assert await finish(stream, EVERY_BYTE * 10) == (EVERY_BYTE * 10, b"oops\n", 4)

        run(connect, test)

    def test_twenty_megabytes_each_way_at_once(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            data = EVERY_BYTE * (20 * 4096)
            out, err, status = await finish(await connector.open(["cat"]), data)
            assert (len(out), err, status) == (len(data), b"", 0)
            assert out == data

        run(connect, test)

    def test_much_on_both_outputs(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            script = "head -c 5000000 /dev/zero & head -c 5000000 /dev/zero >&2; wait"
            out, err, status = await finish(await connector.open(["sh", "-c", script]))
            assert (len(out), len(err), status) == (5_000_000, 5_000_000, 0)

        run(connect, test)

    @pytest.mark.parametrize("status", [0, 1, 77, 126, 127, 255])
    def test_the_status_is_the_processs_own(self, connect: Connect[Connector], status: int) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["sh", "-c", f"exit {status}"])
            assert await finish(stream) == (b"", b"", status)

        run(connect, test)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV])
    def test_death_by_a_signal_is_128_and_its_number(self, connect: Connect[Connector], number: signal.Signals) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["sh", "-c", f"echo before; kill -{int(number)} $$"])
            assert await finish(stream) == (b"before\n", b"", 128 + number)

        run(connect, test)

    def test_a_missing_program_is_a_status_and_a_message(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            out, err, status = await finish(await connector.open(["there-is-no-such-program", "x"]))
            assert (out, status) == (b"", 127)
            assert b"not found" in err or b"No such file" in err

        run(connect, test)

    def test_arguments_arrive_exactly(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["sh", "-c", "printf '%s\\0' \"$@\"", "sh", *ARGUMENTS])
            out, err, status = await finish(stream)
            assert (err, status) == (b"", 0)
            assert out.decode().split("\0")[:-1] == ARGUMENTS

        run(connect, test)

    def test_a_process_that_does_not_read_swallows_what_is_written(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["sh", "-c", "exec <&-; echo deaf; sleep 0.1"])
            assert await stream.stdout() == b"deaf\n"
            await stream.write(b"x" * 5_000_000)
            assert await finish(stream) == (b"", b"", 0)

        run(connect, test)

    def test_writing_after_the_end_is_no_error(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["true"])
            assert await stream.wait() == 0
            await stream.write(b"late")
            await stream.write_eof()
            await stream.close()

        run(connect, test)

    def test_input_may_end_before_output(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["sh", "-c", "cat >/dev/null; echo all read"])
            assert await finish(stream, b"x") == (b"all read\n", b"", 0)

        run(connect, test)

    def test_output_may_end_before_input(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["sh", "-c", 'echo out; exec >&-; read line; test "$line" = hello'])
            assert await stream.stdout() == b"out\n"
            await stream.write(b"hello\n")
            assert await stream.wait() == 0
            await stream.close()

        run(connect, test)

    def test_a_terminal(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            script = "test -t 0 && test -t 1 && test -t 2 && stty size; read line; echo got $line; echo err >&2"
            stream = await connector.open(["sh", "-c", script], pty=True)
            out, err, status = await finish(stream, b"typed\n")
            assert err == b""
            assert status == 0
            assert sorted(out.replace(b"\r\n", b"\n").splitlines()) == [b"24 80", b"err", b"got typed", b"typed"]

        run(connect, test)

    @pytest.mark.parametrize("typed", [b"", b"line\n", b"half a line"])
    def test_the_end_of_input_reaches_a_terminal(self, connect: Connect[Connector], typed: bytes) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["sh", "-c", "stty -echo; echo go; wc -c"], pty=True)
            seen = b""
            while b"go" not in seen:
                seen += await stream.stdout()
            await stream.write(typed)
            await stream.write_eof()
            assert (await all_of(stream.stdout)).split()[-1:] == [str(len(typed)).encode()]
            assert await stream.wait() == 0
            await stream.close()

        run(connect, test)

    def test_a_terminal_tells_of_signals(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["sh", "-c", "echo go; exec sleep 100"], pty=True)
            assert b"go" in await stream.stdout()
            await stream.write(b"\x03")
            assert await stream.wait() == 128 + signal.SIGINT
            await stream.close()

        run(connect, test)

    def test_fifty_streams_at_once(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            async def one(number: int) -> tuple[bytes, bytes, int]:
                return await finish(
                    await connector.open(["sh", "-c", "cat; exit $1", "sh", str(number)]), b"%d" % number
                )

            results = await asyncio.gather(*(one(number) for number in range(50)))
            assert results == [(b"%d" % number, b"", number) for number in range(50)]

        run(connect, test)

    def test_fifty_streams_open_together(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            streams = await asyncio.gather(*(connector.open(["cat"]) for _ in range(50)))
            assert await asyncio.gather(*(finish(stream, b"x") for stream in streams)) == [(b"x", b"", 0)] * 50

        run(connect, test)

    def test_writes_at_the_same_time_do_not_mix(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["cat"])
            blocks = [bytes([65 + number]) * 300_000 for number in range(10)]

            async def feed() -> None:
                await asyncio.gather(*(stream.write(block) for block in blocks))
                await stream.write_eof()

            _, out = await asyncio.gather(feed(), all_of(stream.stdout))
            assert out == b"".join(blocks)
            await stream.close()

        run(connect, test)

    def test_a_reader_that_waits_stops_the_writer(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            # It ends at last also where closing does not end it, but by far not as long as it is not read.
            stream = await connector.open(["sh", "-c", "yes | head -c 400000000; echo never >&2"])
            assert (await stream.stdout()).startswith(b"y\n")
            writer = await connector.open(["sh", "-c", "exec sleep 100"])
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1.5):
                    await writer.write(b"x" * 64_000_000)
            await writer.close()
            await stream.close()

        run(connect, test)

    def test_close_ends_the_input_of_a_process(self, connect: Connect[Connector]) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["sh", "-c", 'echo $$; trap "" HUP TERM PIPE; cat; :'])
            pid = (await stream.stdout()).decode().strip()
            assert pid.isdigit()
            await stream.close()
            assert await stream.stdout() == b""
            assert await stream.stderr() == b""
            await stream.write(b"to nobody")
            await stream.close()
            probe = await connector.open(["sh", "-c", GONE, "sh", pid])
            assert (await finish(probe))[2] == 0

        run(connect, test)

    def test_a_daemon_does_not_keep_the_status_back_from_one_who_closed_its_outputs(
        self, connect: Connect[Connector]
    ) -> None:
        async def test(connector: Connector) -> None:
            stream = await connector.open(["sh", "-c", "sleep 30 >/dev/null 2>&1 </dev/null & echo started"])
            assert await finish(stream) == (b"started\n", b"", 0)

        run(connect, test)

    def test_closing_is_allowed_at_any_time_and_any_number_of_times(self, connector: Connector) -> None:
        async def main() -> None:
            await connector.close()
            await connector.close()

        asyncio.run(main())
