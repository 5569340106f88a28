"""Makes the link of each host: over its connector's streams, or over a connector that was written for v3."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from ropewalk.api.connector import ConnectorOptions
from ropewalk.api.host import Host
from ropewalk.api.state import State
from ropewalk.engine.hops import connector_of
from ropewalk.engine.link import Link, StreamLink
from ropewalk.model.command import Secret
from ropewalk.model.errors import UsageError
from ropewalk.shell.prompts import Ask

#: Makes links for connectors that open no streams; registered by whoever knows such connectors.
adapters: list[tuple[Callable[[type[Any]], bool], Callable[[Host, State, ConnectorOptions, Passwords], Link]]] = []

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def link_of(host: Host, state: State, options: ConnectorOptions, passwords: Passwords) -> Link:
    """Return the link to a host; nothing is connected yet.

    :raises UsageError: the host's data does not suit its connector.
    """
    for suits, adapt in adapters:
        if suits(host.connector_cls):
            if host.data.get("via"):
                raise UsageError(f"{host.name}: a connector written for v3 cannot be reached through another host")
            return adapt(host, state, options, passwords)
    host.connector = connector_of(host, options)
    return StreamLink(host.connector, passwords.asker(host.name))


def machine_of(host: Host) -> object:
    """Return what hosts share that are the same machine: facts of one may change by what is done on the other."""
    data = host.data
    if host.scheme == "ssh":
        return "ssh", data.get("ssh_hostname") or host.name, data.get("ssh_port")
    # A host may have any name: what says where it is are the connector and its data.
    place = "" if host.scheme == "local" else data.get("docker_identifier") or data.get("chroot_directory") or host.name
    return host.scheme, place, data.get("via")


def shares_files(host: Host) -> bool:
    """Say whether commands on a host may change files of the machine that runs the deploy, as far as can be known."""
    if str(host.data.get("via") or "").startswith(("@ssh/", "@ssm/")) or host.scheme == "ssm":
        return False
    return host.scheme != "ssh" or (host.data.get("ssh_hostname") or host.name) in _THIS_MACHINE


class Passwords:
    """Asks for sudo and su passwords that were not given: one question at a time, each once a host.

    Whether one answer serves all hosts is for whoever asks to decide (``--same-sudo-password``).
    """

    def __init__(
        self, ask_secret: Callable[[str], Any] | None, hide: Callable[[Iterable[str]], None] = lambda secrets: None
    ) -> None:
        self._ask_secret, self._hide = ask_secret, hide
        self._answers: dict[tuple[str, Ask], Secret | None] = {}
        self._lock = asyncio.Lock()

    def asker(self, host: str) -> Callable[[Ask], Any]:
        async def ask(kind: Ask) -> Secret | None:
            async with self._lock:
                key = host, kind
                if key not in self._answers:
                    self._answers[key] = await self._prompt(f"[{host}] {kind.value} password: ")
                return self._answers[key]

        return ask

    async def _prompt(self, prompt: str) -> Secret | None:
        if self._ask_secret is None:
            return None
        answer = self._ask_secret(prompt)
        if asyncio.iscoroutine(answer):
            answer = await answer
        if answer is None:
            return None
        self._hide([answer])
        return Secret(answer)
