"""Addresses, command lines and errors of the connectors that run ``kubectl exec``, ``lxc exec`` and ``incus exec``."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.connector import ConnectorOptions
from ropewalk.api.registry import get_connector
from ropewalk.model.errors import ConnectError, ConnectorDataTypeError, InventoryError
from ropewalk.model.target import Target
from support.exec_clients import install


def made(address: str, **more: Any) -> Any:
    scheme, _, rest = address[1:].partition("/")
    connector = get_connector(scheme)
    [target] = connector.targets(rest)
    assert (target.name, target.groups) == (address, (f"@{scheme}",))
    return connector(Target(target.name, {**target.data, **more}, target.groups), ConnectorOptions())


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("@kubectl/shop/web-0", ["kubectl", "--namespace=shop", "exec", "--quiet", "--stdin", "web-0", "--"]),
        (
            "@kubectl/arn:aws:eks:cluster/c/shop/web-0:nginx",
            ["kubectl", "--context=arn:aws:eks:cluster/c", "--namespace=shop", "exec", "--quiet", "--stdin", "web-0",
             "--container=nginx", "--"],
        ),
        ("@lxd/web", ["lxc", "exec", "--mode=non-interactive", "web", "--"]),
        ("@incus/far:web", ["incus", "exec", "--mode=non-interactive", "far:web", "--"]),
    ],
)  # fmt: skip
def test_the_words_of_the_client(address: str, words: list[str]) -> None:
    assert made(address).exec_command(pty=False) == words


def test_a_terminal_is_asked_for() -> None:
    assert "--tty" in made("@kubectl/shop/web").exec_command(pty=True)
    assert "--mode=interactive" in made("@lxd/web").exec_command(pty=True)


@pytest.mark.parametrize("scheme", ["lxd", "incus"])
def test_a_project(scheme: str) -> None:
    words = made(f"@{scheme}/web", **{f"{scheme}_project": "--help"}).exec_command(pty=False)
    assert words[2:] == ["--project=--help", "--mode=non-interactive", "web", "--"]


@pytest.mark.parametrize(
    "address", ["@kubectl", "@kubectl/web", "@kubectl//web", "@kubectl/shop/", "@kubectl/shop/:c", "@lxd", "@incus/"]
)
def test_an_address_that_says_too_little(address: str) -> None:
    scheme, _, rest = address[1:].partition("/")
    with pytest.raises(InventoryError, match=f"^@{scheme} needs ") as caught:
        get_connector(scheme).targets(rest or None)
    assert (caught.value.hint or "").startswith(f"Write @{scheme}/")


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("@lxd/--help", {}),
        ("@kubectl/shop/--help", {}),
        ("@kubectl/shop/web", {"kubectl_pod": 3}),
        ("@kubectl/shop/web", {"kubectl_pod": "deployment/web"}),
        ("@kubectl/shop/web", {"kubectl_container": ["nginx"]}),
        ("@incus/web", {"incus_instance": None}),
    ],
)
def test_data_that_no_client_would_understand_is_refused(address: str, data: dict[str, Any]) -> None:
    with pytest.raises(ConnectorDataTypeError):
        made(address, **data)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("@kubectl/shop/gone", 'Error from server (NotFound): pods "gone" not found'),
        ("@lxd/gone", "Error: Instance not found"),
    ],
)
def test_one_that_is_not_there(address: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ConnectError) as caught:
        asyncio.run(made(address).connect())
    assert str(caught.value) == f"cannot enter {address}: {says}"
    assert "running" in (caught.value.hint or "")


def test_a_client_that_is_missing() -> None:
    connector = made("@lxd/web")
    connector.program = "ropewalk-no-such-client"
    with pytest.raises(ConnectError, match="there is no program 'ropewalk-no-such-client'"):
        asyncio.run(connector.connect())
