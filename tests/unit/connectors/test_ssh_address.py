from __future__ import annotations

import pytest

from ropewalk.connectors.ssh.address import Address, parse_address, split_addresses
from ropewalk.model.errors import InventoryError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("web1", Address("web1")),
        ("web1.example.com", Address("web1.example.com")),
        ("10.0.0.1", Address("10.0.0.1")),
        ("root@web1", Address("web1", "root")),
        ("web1:2222", Address("web1", None, 2222)),
        ("root@web1:2222", Address("web1", "root", 2222)),
        ("ssh://root@web1:2222", Address("web1", "root", 2222)),
        ("me@corp.example@web1", Address("web1", "me@corp.example")),
        ("2001:db8::1", Address("2001:db8::1")),
        ("::1", Address("::1")),
        ("[2001:db8::1]", Address("2001:db8::1")),
        ("[2001:db8::1]:2222", Address("2001:db8::1", None, 2222)),
        ("root@[fe80::1%eth0]:22", Address("fe80::1%eth0", "root", 22)),
        ("root@2001:db8::1", Address("2001:db8::1", "root")),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert parse_address(str(address)) == address


@pytest.mark.parametrize(
    "text",
    ["", "@", "@web1", "root@", "web1:", "web1:0", "web1:65536", "web1:ssh", "web1:-1", "web1:²", "-oProxyCommand=id",
     "root@-oProxyCommand=id", "-l@web1", "web 1", "web1\n", "a\tb", "we\0b", "[::1", "[]:22", "[::1]:x"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InventoryError) as caught:
        parse_address(text)
    assert caught.value.hint


def test_jump_lists() -> None:
    assert split_addresses("a, root@b:22") == (Address("a"), Address("b", "root", 22))
    assert split_addresses("none") == split_addresses("") == ()
    with pytest.raises(InventoryError):
        split_addresses("a,,b")
