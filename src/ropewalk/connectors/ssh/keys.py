"""Private keys, certificates and the agent: what is offered to a server, in which order.

Imported only when a connection is made, because it needs asyncssh.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from pathlib import Path

import asyncssh

from ropewalk.connectors.ssh.key_file import public_line
from ropewalk.connectors.ssh.prompt import Prompter
from ropewalk.connectors.ssh.settings import Settings
from ropewalk.model.errors import AuthenticationFailed

logger = logging.getLogger("ropewalk")

_ENCRYPTED_HINT = "Set ssh_key_password, add the key to the SSH agent (ssh-add), or run where you can be asked."


class LockedKeyPair(asyncssh.SSHKeyPair):
    """A key whose private half is encrypted: decrypted only when the server has said that it would accept it."""

    def __init__(
        self,
        public: asyncssh.SSHKey,
        unlock: Callable[[], Awaitable[asyncssh.SSHKey]],
        certificate: asyncssh.SSHCertificate | None = None,
    ) -> None:
        algorithms = public.sig_algorithms
        super().__init__(
            public.algorithm, public.algorithm, algorithms, algorithms, public.public_data, None, certificate
        )
        self._unlock = unlock

    async def sign_async(self, data: bytes) -> bytes:
        """Decrypt the key and sign."""
        try:
            key = await self._unlock()
        except AuthenticationFailed as error:
            raise ValueError(str(error)) from error  # what asyncssh takes for: try the next one
        return key.sign(data, self.sig_algorithm)


class Keyring:
    """Finds and loads what can be offered to one server.

    :param loaded: decrypted keys, shared by all hosts: a key is read, and its passphrase asked for, once.
    :ivar failure: why a key could not be used, to be told when the server has refused everything else.
    """

    def __init__(self, settings: Settings, prompter: Prompter, loaded: dict[Hashable, asyncio.Task[asyncssh.SSHKey]]):
        self._settings, self._prompter, self._loaded = settings, prompter, loaded
        self._agent: asyncssh.SSHAgentClient | None = None
        self.failure: AuthenticationFailed | None = None

    async def offers(self) -> list[asyncssh.SSHKeyPair]:
        """Return the key pairs to offer, in order: named ones, other keys of the agent, unless only the named ones.

        :raises AuthenticationFailed: the one key that host data name cannot be used.
        """
        agent = await self._agent_keys()
        named: list[asyncssh.SSHKeyPair] = []
        from_files: list[asyncssh.SSHKeyPair] = []
        for identity in self._settings.identities:
            try:
                held, pairs = await self._identity(Path(identity), agent)
            except AuthenticationFailed as error:
                if self._settings.explicit:
                    raise
                logger.debug("%s", error)
                continue
            named += held
            from_files += pairs
        others = [] if self._settings.identities_only else [pair for pair in agent if pair not in named]
        return [*named, *(from_files if self._settings.explicit else []), *others, *(
            [] if self._settings.explicit else from_files
        )]  # fmt: skip

    def close(self) -> None:
        """Let go of the agent, once the server has let us in."""
        if self._agent is not None:
            self._agent.close()

    async def _agent_keys(self) -> list[asyncssh.SSHKeyPair]:
        if self._settings.agent is None:
            return []
        self._agent = asyncssh.SSHAgentClient(self._settings.agent)
        try:
            return list(await self._agent.get_keys())
        except (ValueError, OSError) as error:
            logger.debug("the SSH agent at %s does not answer: %s", self._settings.agent, error)
            return []

    async def _identity(
        self, path: Path, agent: Sequence[asyncssh.SSHKeyPair]
    ) -> tuple[list[asyncssh.SSHKeyPair], list[asyncssh.SSHKeyPair]]:
        """Return the pairs of one key file: those the agent holds, or else those made from the file."""
        data = self._read(path)
        public = _public_half(path, data)
        held = [pair for pair in agent if public and pair.key_public_data == public.public_data]
        certificates = self._certificates(path, public)
        if held:
            return [*_certified(held[0], certificates), *held], []
        if data is None or (public is not None and b"PRIVATE KEY" not in data):
            raise AuthenticationFailed(
                f"{self._settings.place}: the SSH key {path} "
                + ("does not exist" if data is None else "is a public key"),
                hint="Correct ssh_key, or add the private key to the SSH agent.",
            )
        return [], await self._from_file(path, data, public, certificates)

    def _read(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise AuthenticationFailed(
                f"{self._settings.place}: the SSH key {path} cannot be read: {error.strerror}",
                hint="Correct ssh_key or the file's permissions.",
            ) from error

    async def _from_file(
        self,
        path: Path,
        data: bytes,
        public: asyncssh.SSHKey | None,
        certificates: Sequence[asyncssh.SSHCertificate],
    ) -> list[asyncssh.SSHKeyPair]:
        try:
            key = asyncssh.import_private_key(data)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            if "passphrase" not in str(error).lower():
                raise AuthenticationFailed(
                    f"{self._settings.place}: the SSH key {path} cannot be understood: {error}",
                    hint="ssh_key names the private key, in OpenSSH or PEM format.",
                ) from error
        else:
            return list(asyncssh.load_keypairs([key], certlist=list(certificates)))
        if public is None or self._settings.key_password is not None or (
            self._settings.explicit and not self._prompter.possible
        ):  # fmt: skip
            key = await self._unlock(path, data)
            return list(asyncssh.load_keypairs([key], certlist=list(certificates)))

        async def unlock() -> asyncssh.SSHKey:
            try:
                return await self._unlock(path, data)
            except AuthenticationFailed as error:
                self.failure = error
                raise

        return [LockedKeyPair(public, unlock, certificate) for certificate in [*certificates, None]]

    async def _unlock(self, path: Path, data: bytes) -> asyncssh.SSHKey:
        """Decrypt a key, once for all hosts that use it."""
        passphrase = self._settings.key_password
        if passphrase is None:
            passphrase = await self._prompter.ask(f"Passphrase of the SSH key {path}: ", once=True)
        if passphrase is None:
            raise AuthenticationFailed(
                f"{self._settings.place}: the SSH key {path} is encrypted and its passphrase is not known",
                hint=_ENCRYPTED_HINT,
            )
        id_ = (str(path), data, passphrase)
        if id_ not in self._loaded:
            self._loaded[id_] = asyncio.create_task(asyncio.to_thread(asyncssh.import_private_key, data, passphrase))
        try:
            return await asyncio.shield(self._loaded[id_])
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            raise AuthenticationFailed(
                f"{self._settings.place}: the SSH key {path} cannot be decrypted: {error}", hint=_ENCRYPTED_HINT
            ) from error

    def _certificates(self, path: Path, public: asyncssh.SSHKey | None) -> list[asyncssh.SSHCertificate]:
        beside = Path(f"{path}-cert.pub")
        files = [Path(name) for name in self._settings.certificates] or ([beside] if beside.exists() else [])
        found = []
        for file in files:
            try:
                certificate = asyncssh.read_certificate(file)
            except (OSError, asyncssh.KeyImportError) as error:
                raise AuthenticationFailed(
                    f"{self._settings.place}: the SSH certificate {file} cannot be used: {error}",
                    hint="Correct ssh_certificate.",
                ) from error
            if public is None or certificate.key.public_data == public.public_data:
                found.append(certificate)
        return found


def _certified(
    pair: asyncssh.SSHKeyPair, certificates: Sequence[asyncssh.SSHCertificate]
) -> list[asyncssh.SSHKeyPair]:  # fmt: skip
    """Return pairs that show a certificate and sign with the key of ``pair``."""
    pairs = []
    for certificate in certificates:
        twin = copy.copy(pair)
        twin.set_certificate(certificate)
        pairs.append(twin)
    return pairs


def _public_half(path: Path, data: bytes | None) -> asyncssh.SSHKey | None:
    """Return the public key of a key file without decrypting it, if that can be found out."""
    for source in (data, public_line(data), _beside(path)):
        if source and b"PRIVATE KEY" not in source:
            try:
                return asyncssh.import_public_key(source)
            except asyncssh.KeyImportError:
                continue
    return None


def _beside(path: Path) -> bytes | None:
    try:
        return Path(f"{path}.pub").read_bytes()
    except OSError:
        return None
