"""What type checkers say of code by authors of v3 operations and deploys. A line marked ``E`` must be refused."""

from __future__ import annotations

from collections.abc import Generator
from typing import assert_type

from ropewalk.compat.pyinfra.api import FactBase, OperationMeta, StringCommand, deploy, operation
from ropewalk.compat.pyinfra.context import host
from ropewalk.compat.pyinfra.operations.util import any_changed


@operation()
def motd(path: str, text: str = "") -> Generator[str | StringCommand, None, None]:
    yield f"echo {text} > {path}"


class Kernel(FactBase[str]):
    def command(self, flag: str = "-s") -> str:
        return f"uname {flag}"

    def process(self, output: list[str]) -> str:
        return output[0]


@deploy("Greet")
def greet(text: str) -> None:
    one = motd("/etc/motd", text=text)
    two = motd(path="/etc/issue", text=text, name="Issue", _sudo=True, _retries=2)
    assert_type(two, OperationMeta)
    motd(path="/x", _if=any_changed(one, two))
    motd(path="/x", _if=[one.did_change, two.did_change])
    motd(path="/x", _env={"A": "b"}, _timeout=1.5, _ignore_errors=True)
    yielded: list[str | StringCommand] = list(motd._inner("/x"))
    print(yielded)

    motd(path="/x", _sudoo=True)  # E
    motd(path="/x", _sudo="yes")  # E
    motd(path="/x", _retries="3")  # E
    motd()  # E
    motd(pth="/x")  # E
    motd(3)  # E


greet(text="hello", _sudo=True)
greet(text=3)  # E

assert_type(host.get_fact(Kernel, flag="-r"), str)
