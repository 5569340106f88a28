"""Instances of AWS without an open port: ``@ssm/INSTANCE``, SSH through AWS Systems Manager's Session Manager.

A session of Session Manager is one terminal: what a command writes on standard error, its exit status and the bytes
themselves do not survive it. SSH through such a session has all of them: the AWS CLI, with the session-manager plugin,
is its ``ProxyCommand``, as AWS documents it.
"""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from ropewalk.api.connector import ConnectorOptions
from ropewalk.connectors.ssh import SSHConnector
from ropewalk.connectors.ssh.address import parse_address
from ropewalk.model.errors import ConnectError, ConnectorDataTypeError, InventoryError
from ropewalk.model.target import Target

_INSTANCE = re.compile(r"m?i-[0-9A-Za-z]+")
_DOCUMENT = "AWS-StartSSHSession"

# What the AWS CLI says, and what to do about it.
_HINTS = (
    ("TargetNotConnected", "see if the instance runs, with SSM Agent and the rights that it needs"),
    ("SessionManagerPlugin is not found", "install the session-manager plugin of the AWS CLI"),
    ("not found", "install the AWS CLI and its session-manager plugin, or put them into PATH"),
    ("AccessDenied", "the rights to ssm:StartSession are missing, for the instance or for the document"),
    ("credentials", "give credentials as the AWS CLI takes them, or name a profile with ssm_profile"),
    ("region", "name the region with ssm_region, or as the AWS CLI takes it"),
)


class SSMConnector(SSHConnector):
    """Reaches the SSH server of an instance through Session Manager; the AWS CLI runs on this machine.

    Data: ``ssm_instance``, ``ssm_profile``, ``ssm_region``, ``ssm_document`` (default: AWS-StartSSHSession); and what
    ``@ssh`` reads, but for ``ssh_hostname``, ``ssh_jump`` and ``ssh_proxy_command``, which are made of these.
    """

    scheme: ClassVar[str] = "ssm"

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        if options.base is not None:
            hint = "the AWS CLI runs on this machine; @ssm/INSTANCE/@docker/web is possible"
            raise InventoryError(f"{target.name}: @ssm cannot be reached through another host", hint=hint)
        self._said: Path | None = None
        self._instance = _instance(target)
        self._command = _command(target, self._instance)
        data = {**target.data, "ssh_hostname": self._instance, "ssh_proxy_command": self._command, "ssh_jump": None}
        super().__init__(Target(target.name, data, target.groups), options)

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the instance of ``[user@]instance[:port]``.

        :raises InventoryError: there is none, or the address makes no sense.
        """
        if not address:
            raise InventoryError("@ssm needs an instance", hint="Write @ssm/i-0123456789abcdef0 or @ssm/user@i-....")
        parsed = parse_address(address)
        data: dict[str, Any] = {"ssm_instance": parsed.host, "ssh_user": parsed.user, "ssh_port": parsed.port}
        known = {key: value for key, value in data.items() if value is not None}
        return [Target(f"@ssm/{address}", known, ("@ssm",))]

    async def connect(self) -> None:
        """Log in.

        :raises ConnectError: that cannot be done; with what the AWS CLI has said.
        """
        if self._said is None:
            self._said = Path(tempfile.mkdtemp(prefix="ropewalk-ssm-")) / "said"
        # Whoever runs the command, asyncssh or ssh, keeps what it says to itself.
        self._data["ssh_proxy_command"] = f"{self._command} 2>{shlex.quote(str(self._said))}"
        try:
            await super().connect()
        except ConnectError as error:
            said = self._last_words()
            if said is None:
                raise
            raise type(error)(f"{self._instance}: {said}", hint=_hint(said)) from error

    async def close(self) -> None:
        try:
            await super().close()
        finally:
            said, self._said = self._said, None
            if said is not None:
                shutil.rmtree(said.parent, ignore_errors=True)

    def _last_words(self) -> str | None:
        """Return the last line that the AWS CLI has written about what went wrong."""
        try:
            text = self._said.read_text(errors="replace") if self._said else ""
        except OSError:
            return None
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return lines[-1] if lines else None


def _instance(target: Target) -> str:
    instance = _text(target, "ssm_instance")
    if instance is None or not _INSTANCE.fullmatch(instance):
        raise ConnectorDataTypeError(
            f"{target.name}: ssm_instance must be the id of an instance, not {instance!r}",
            hint="It begins with i- or mi-; names and tags of instances are nothing to Session Manager.",
        )
    return instance


def _command(target: Target, instance: str) -> str:
    words = ["aws"]
    for option in ("profile", "region"):
        value = _text(target, f"ssm_{option}")
        words += [f"--{option}={value}"] if value else []
    document = _text(target, "ssm_document") or _DOCUMENT
    words += ["ssm", "start-session", f"--target={instance}", f"--document-name={document}", "--parameters"]
    return f"{shlex.join(words).replace('%', '%%')} portNumber=%p"


def _text(target: Target, key: str) -> str | None:
    value = target.data.get(key)
    if value is not None and not isinstance(value, str):
        raise ConnectorDataTypeError(f"{target.name}: {key} must be a str, not {type(value).__name__} ({value!r})")
    return value


def _hint(said: str) -> str | None:
    return next((hint for text, hint in _HINTS if text in said), None)
