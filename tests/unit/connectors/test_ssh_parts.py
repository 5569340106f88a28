"""The smaller parts of the SSH connector: key files, algorithm lists, questions, shared connections."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import asyncssh
import pytest

from ropewalk.connectors.ssh.algorithms import algorithms, choose
from ropewalk.connectors.ssh.key_file import is_encrypted, public_line
from ropewalk.connectors.ssh.prompt import Prompter
from ropewalk.connectors.ssh.settings import Settings
from ropewalk.connectors.ssh.shared import Gateways, Shared
from ropewalk.connectors.ssh.stream import Inbox, _number
from ropewalk.model.command import Secret
from ropewalk.model.errors import ConnectError, ConnectionLost

KEY = asyncssh.generate_private_key("ssh-ed25519")


@pytest.mark.parametrize(
    ("data", "encrypted", "public"),
    [
        (KEY.export_private_key("openssh"), False, True),
        (KEY.export_private_key("openssh", "x"), True, True),
        (KEY.export_private_key("pkcs8-pem"), False, False),
        (KEY.export_private_key("pkcs8-pem", "x"), True, False),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\n!!\n-----END OPENSSH PRIVATE KEY-----\n", False, False),
        (b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", False, False),
        (b"", False, False),
    ],
)
def test_key_files(data: bytes, encrypted: bool, public: bool) -> None:
    assert is_encrypted(data) is encrypted
    expected = b" ".join(KEY.export_public_key("openssh").split()[:2]) if public else None
    assert public_line(data) == expected


@pytest.mark.parametrize(
    ("written", "chosen"),
    [
        ("a,c", ["a", "c"]),
        ("c,a", ["c", "a"]),
        ("a*", ["a", "ab"]),
        ("+c", ["a", "b", "c"]),
        ("+a", ["a", "b"]),
        ("-a", ["b"]),
        ("-*", []),
        ("^b", ["b", "a"]),
        ("^c", ["c", "a", "b"]),
        ("z", []),
        ("z,a", ["a"]),
    ],
)
def test_algorithm_lists(written: str, chosen: list[str]) -> None:
    assert choose(written, ["a", "b"], ["a", "ab", "b", "c"]) == chosen


def settings(**more: Any) -> Settings:
    return Settings("web1", "web1", 22, "me", **more)


def test_algorithms_nobody_knows() -> None:
    with pytest.raises(ConnectError, match="rot13"):
        algorithms(settings(algorithms={"encryption_algs": "rot13"}))


def test_ciphers_that_processors_are_made_for_come_first_unless_the_configuration_says_otherwise() -> None:
    usual = algorithms(settings())["encryption_algs"]
    assert usual[:2] == ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"]
    assert "chacha20-poly1305@openssh.com" in usual
    assert len(set(usual)) == len(usual)
    assert algorithms(settings(algorithms={"encryption_algs": "aes256-ctr"}))["encryption_algs"] == ["aes256-ctr"]


def test_disabled_algorithms() -> None:
    chosen = algorithms(settings(without={"kex_algs": ("curve25519-sha256",)}))
    assert "curve25519-sha256" not in chosen["kex_algs"]
    assert chosen["kex_algs"]


def test_known_kinds_of_host_key_come_first(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text("web1 ssh-rsa AAAA\n")
    with_rsa = algorithms(settings(known_hosts=(str(file),)))["server_host_key_algs"]
    assert with_rsa[0].startswith("rsa-sha2-")
    assert "ssh-ed25519" in with_rsa
    assert not any("cert" in name for name in with_rsa)
    file.write_text("@cert-authority web1 ssh-rsa AAAA\n")
    assert "cert" in algorithms(settings(known_hosts=(str(file),)))["server_host_key_algs"][0]


def test_signals_by_name() -> None:
    assert [_number(name) for name in ("TERM", "KILL", "INT", "NONSENSE", "_IGN")] == [15, 9, 2, 127, 127]


def test_an_inbox() -> None:
    async def main() -> None:
        inbox = Inbox()
        waiting = asyncio.ensure_future(inbox.get())
        await asyncio.sleep(0)
        inbox.put(b"a")
        inbox.put(b"b")
        assert await waiting == b"ab"
        inbox.put(b"x" * 200_000)
        inbox.put(b"y" * 200_000)
        assert (await inbox.get())[:1] == b"x"
        inbox.end(ConnectionLost("gone"))
        inbox.end()
        assert (await inbox.get())[:1] == b"y"
        for _ in range(2):
            with pytest.raises(ConnectionLost):
                await inbox.get()

    asyncio.run(main())


def test_questions() -> None:
    async def main() -> None:
        shared = Shared()
        asked: list[str] = []

        def ask(prompt: str) -> Secret:
            asked.append(prompt)
            return Secret("answer")

        first, second = Prompter(ask, shared), Prompter(ask, shared)
        answers = await asyncio.gather(*(prompter.ask("same?", once=True) for prompter in (first, second, first)))
        assert answers == ["answer"] * 3
        assert asked == ["same?"]
        assert await first.ask("code?") == await first.ask("code?") == "answer"
        assert asked == ["same?", "code?", "code?"]

        async def later(prompt: str) -> None:
            return None

        assert await Prompter(later, shared).ask("x") is None
        assert await Prompter(None, shared).ask("x") is None
        assert not Prompter(None, shared).possible

    asyncio.run(main())


def test_the_clock_stands_still_while_somebody_thinks() -> None:
    async def main() -> None:
        answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def ask(prompt: str) -> str:
            return await answered

        prompter = Prompter(ask, Shared())
        async with asyncio.timeout(1000) as prompter.deadline:
            task = asyncio.create_task(prompter.ask("?"))
            await asyncio.sleep(0)
            assert prompter.deadline.when() is None
            answered.set_result("!")
            assert await task == "!"
            assert prompter.deadline.when() is not None

    asyncio.run(main())


class FakeConnection:
    closed = 0

    def close(self) -> None:
        self.closed += 1

    async def wait_closed(self) -> None: ...

    def is_closed(self) -> bool:
        return bool(self.closed)


def test_gateways_are_shared_and_closed_by_the_last() -> None:
    async def main() -> None:
        gateways = Gateways()
        made: list[FakeConnection] = []

        async def connect() -> Any:
            await asyncio.sleep(0)
            made.append(FakeConnection())
            return made[-1]

        one, two = await asyncio.gather(gateways.acquire("k", connect), gateways.acquire("k", connect))
        assert one is two
        other = await gateways.acquire("other", connect)
        assert other is not one
        await gateways.release("k", one)
        assert not made[0].closed
        await gateways.release("k", two)
        assert made[0].closed == 1
        again = await gateways.acquire("k", connect)
        assert again is not one
        cast(Any, again).close()  # lost
        assert await gateways.acquire("k", connect) is not again

    asyncio.run(main())


def test_a_gateway_that_cannot_be_reached_is_tried_again() -> None:
    async def main() -> None:
        gateways = Gateways()

        async def fail() -> Any:
            raise ConnectError("no")

        for _ in range(2):
            with pytest.raises(ConnectError):
                await gateways.acquire("k", fail)

        async def connect() -> Any:
            return FakeConnection()

        assert await gateways.acquire("k", connect)

    asyncio.run(main())


def test_who_gives_up_waiting_for_a_gateway_does_not_take_it_from_the_others() -> None:
    async def main() -> None:
        gateways = Gateways()
        ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        async def connect() -> Any:
            return await ready

        impatient = asyncio.create_task(gateways.acquire("k", connect))
        patient = asyncio.create_task(gateways.acquire("k", connect))
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.wait([impatient])
        ready.set_result(FakeConnection())
        assert await patient

    asyncio.run(main())
