"""Our side of a handshake, as asyncssh asks for it: is this the host, and who are we?

Imported only when a connection is made, because it needs asyncssh.
"""

from __future__ import annotations

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
