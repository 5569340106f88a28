"""Our side of a handshake, as asyncssh asks for it: is this the host, and who are we?

Imported only when a connection is made, because it needs asyncssh.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncssh

from ropewalk.connectors.ssh.host_key import Verdict, judge, store
from ropewalk.connectors.ssh.prompt import Prompter
from ropewalk.connectors.ssh.settings import Settings
from ropewalk.model.errors import HostKeyRejected


class Client(asyncssh.SSHClient):
    """Answers for one connection; remembers why, since asyncssh passes on only that it was refused.

    :ivar rejection: why the host's key was refused.
    :ivar unknown: the key of a host that somebody has to vouch for first.
    """

    def __init__(self, settings: Settings, prompter: Prompter) -> None:
        self._settings, self._prompter = settings, prompter
        self._password = settings.password
        self.rejection: HostKeyRejected | None = None
        self.unknown: str | None = None

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        """Hear of the end of the stream a turn of the loop later, after what the last packet came to.

        Both sides notice when they have no algorithm in common, and the server hangs up. asyncssh answers a packet
        in a task: heard at once, the end would overtake its result, and nobody would learn why.
        """
        ended, loop = conn.eof_received, asyncio.get_running_loop()

        def later() -> None:
            loop.call_soon(ended)

        conn.eof_received = later  # type: ignore[method-assign]

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        shown = " ".join(key.export_public_key("openssh").decode("ascii").split()[:2])
        try:
            verdict = judge(self._settings, shown)
            if verdict is Verdict.NEW:
                store(self._settings, shown)
        except HostKeyRejected as error:
            self.rejection = error
            return False
        if verdict is Verdict.ASK:
            self.unknown = shown
        return verdict is not Verdict.ASK

    def password_auth_requested(self) -> str | None:
        return self._take_password()

    def kbdint_auth_requested(self) -> str | None:
        return "" if self._password is not None or self._prompter.possible else None

    async def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str] | None:
        """Give the password we have, once; ask for codes and the like.

        A password we do not have is not asked for: a key that a thousand hosts refuse would be a thousand questions.
        """
        answers = []
        for prompt, _ in prompts:
            if "passw" in prompt.lower():
                answer = self._take_password()
            else:
                answer = await self._prompter.ask(f"{self._settings.user}@{self._settings.place}: {prompt}")
            if answer is None:
                return None
            answers.append(answer)
        return answers

    def _take_password(self) -> str | None:
        """A password that was refused once is not tried again."""
        password, self._password = self._password, None
        return password
