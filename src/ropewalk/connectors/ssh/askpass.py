"""Answers the questions of the OpenSSH client.

ssh runs the program that ``SSH_ASKPASS`` names and reads the answer from its output (ssh(1), ENVIRONMENT). Ours passes
the question on to a socket in a directory that only this user can enter. So no secret is ever an argument, in the
environment or in a file.
"""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

from ropewalk.connectors.ssh.prompt import Prompter

_PROGRAM = """\
import socket, sys
with socket.socket(socket.AF_UNIX) as s:
    s.connect(sys.argv[1])
    s.sendall(sys.argv[2].encode("utf-8", "surrogateescape"))
    s.shutdown(socket.SHUT_WR)
    answer = b"".join(iter(lambda: s.recv(4096), b""))
if not answer:
    sys.exit(1)
sys.stdout.buffer.write(answer[1:] + b"\\n")
"""
_PASSPHRASE = re.compile(r"passphrase for (?:key )?'?(?P<key>[^']*)'?", re.IGNORECASE)
_PASSWORD = re.compile(r"(?:\((?P<asked>[^)]*)\) .*passw|(?P<logged>.*)'s password:)", re.IGNORECASE | re.DOTALL)


class Askpass:
    """Serves the questions of one host's ssh processes.

    :param directory: one that only this user can enter.
    :param passwords: the passwords of ``user@host``. Each is given once: a second question means it was wrong.
    :param passphrase: that of the private key.
    """

    def __init__(
        self, directory: Path, prompter: Prompter, passwords: Mapping[str, str], passphrase: str | None
    ) -> None:
        self._program, self._socket = directory / "askpass", directory / "a"
        self._prompter, self._passwords, self._passphrase = prompter, passwords, passphrase
        self._server: asyncio.Server | None = None
        self._given: set[str] = set()

    @property
    def environment(self) -> dict[str, str]:
        """What an ssh process needs in its environment. (Before OpenSSH 8.4 the display decides whether it asks.)"""
        return {"SSH_ASKPASS": str(self._program), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": "none:0"}

    async def start(self) -> None:
        words = [sys.executable, "-I", "-S", "-c", _PROGRAM, str(self._socket)]
        self._program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$1"\n', encoding="utf-8")
        self._program.chmod(0o700)
        self._server = await asyncio.start_unix_server(self._serve, self._socket)

    def new_login(self) -> None:
        """Say that another connection is made: what was given before may be asked for again."""
        self._given.clear()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def answer(self, question: str) -> str | None:
        """Return the answer to a question of ssh, ``None`` if there is none.

        Like the other backend, it asks the user for passphrases and codes, and never for a login password.
        """
        password = _PASSWORD.match(question)
        if password:
            return self._once(question, self._passwords.get((password["asked"] or password["logged"]).strip()))
        passphrase = _PASSPHRASE.search(question)
        if passphrase and self._passphrase is not None:
            return self._once(question, self._passphrase)
        if passphrase:
            return await self._prompter.ask(f"Passphrase of the SSH key {passphrase['key']}: ", once=True)
        return await self._prompter.ask(question)

    def _once(self, question: str, answer: str | None) -> str | None:
        known, self._given = question in self._given, self._given | {question}
        return None if known else answer

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            question = (await reader.read()).decode("utf-8", "replace")
            answer = await self.answer(question)
            if answer is not None:
                writer.write(b"=" + answer.encode())
                await writer.drain()
        except ConnectionError:
            pass  # ssh has given up waiting
        finally:
            writer.close()
