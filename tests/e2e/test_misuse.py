"""Mistakes of the user: one message that says what and where, no traceback, and no host touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from support.e2e_lab import Server, each
from support.e2e_site import Site
from support.e2e_tree import difference

FINE = "server.shell(name='touch', commands=['touch /tmp/touched'])"


@dataclass(frozen=True)
class Mistake:
    """A mistake, and what is to be said about it.

    :param says: all of these are in the message.
    :param traceback: whether the way through the deploy's own functions is shown, as it is for any error of Python.
    """

    deploy: str = FINE
    words: tuple[str, ...] = ("inventory.py", "deploy.py")
    says: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    status: int = 2
    traceback: bool = False


MISTAKES = {
    "a misspelt argument": Mistake(
        deploy=f"{FINE}\nserver.shell(comands=['true'])", says=("comands", "commands", "deploy.py:3")
    ),
    "a misspelt global argument": Mistake(
        deploy=f"{FINE}\nserver.shell(commands=['true'], _sudoo=True)", says=("_sudoo", "_sudo", "deploy.py:3")
    ),
    "a missing argument": Mistake(deploy=f"{FINE}\nfiles.file()", says=("path", "deploy.py:3")),
    "a wrong type": Mistake(
        deploy=f"{FINE}\nserver.shell(commands=['true'], _sudo='yes')", says=("_sudo", "deploy.py:3")
    ),
    "a name that is not defined": Mistake(
        deploy=f"{FINE}\nfoo()", says=("foo", "deploy.py:3"), status=1, traceback=True
    ),
    "a deploy that does not parse": Mistake(deploy=f"{FINE}\nif True", says=("deploy.py:3",)),
    "a deploy that is not there": Mistake(words=("inventory.py", "other.py"), says=("other.py",)),
    "an inventory that is not there": Mistake(words=("missing.py", "deploy.py"), says=("missing.py",)),
    "an operation that does not exist": Mistake(words=("inventory.py", "server.shel", "true"), says=("shell",)),
    "a fact that does not exist": Mistake(words=("inventory.py", "fact", "server.Hostnam"), says=("Hostname",)),
    "a limit that nothing matches": Mistake(words=("--limit", "h999", "inventory.py", "deploy.py"), says=("h999",)),
    "an option that does not exist": Mistake(words=("--dri", "inventory.py", "deploy.py"), says=("--dri", "--dry")),
    "an option without its value": Mistake(words=("inventory.py", "deploy.py", "--limit"), says=("--limit",)),
    "nothing to do": Mistake(words=("inventory.py",), says=("inventory.py",)),
    "a key that is not there": Mistake(data={"ssh_key": "/no/such/key"}, says=("/no/such/key",), status=4),
    "connection data of a wrong type": Mistake(data={"ssh_port": "ssh"}, says=("ssh_port", "h001")),
}


@pytest.mark.parametrize("as_json", [False, True], ids=["report", "json"])
def test_a_mistake_is_told_and_nothing_is_touched(site: Callable[[int], Site], as_json: bool) -> None:
    here = site(2)
    each(here.servers, lambda server: server.ssh("true"))
    before = each(here.servers, Server.changes)
    wrong = {}
    for name, mistake in MISTAKES.items():
        said = _complaints(here, mistake, as_json=as_json)
        touched = {
            server: sorted(changes)
            for server, now in each(here.servers, Server.changes).items()
            if (changes := difference(before[server], now))
        }
        if said or touched:
            wrong[name] = (said, touched)
    assert wrong == {}


def _complaints(here: Site, mistake: Mistake, *, as_json: bool) -> list[str]:
    here.inventory(**mistake.data)
    here.deploy(mistake.deploy)
    ended = here.run("-y", *(["--json"] if as_json else []), *mistake.words)
    text, found = ended.stderr, []
    if ended.status != mistake.status:
        found.append(f"exit status {ended.status}")
    if as_json:
        document = ended.document
        text = str(document["error"] or [host["failure"] for host in document["hosts"].values()])
        if document["operations"]:
            found.append("operations were carried out")
    elif ("Traceback" in text) is not mistake.traceback:
        found.append("a traceback" if "Traceback" in text else "no traceback")
    found += [f"not said: {word}" for word in mistake.says if not _says(text, word, as_json=as_json)]
    if found:
        found.append(text)
    return found


def _says(text: str, word: str, *, as_json: bool) -> bool:
    if as_json and word.startswith("deploy.py:"):
        return f"'file': 'deploy.py', 'line': {word.partition(':')[2]}" in text
    return word in text


def test_a_mistake_of_one_host_stops_that_host_alone(site: Callable[[int], Site]) -> None:
    here = site(3)
    here.deploy("""
from ropewalk import host

server.shell(name="all", commands=["touch /tmp/all"])
if host.name == "h002":
    raise ValueError("not here")
server.shell(name="rest", commands=["touch /tmp/rest"])
""")
    document = here.run("-y", "--json", "inventory.py", "deploy.py").must(1).document
    assert {name: host["status"] for name, host in document["hosts"].items()} == {
        "h001": "ok", "h002": "failed", "h003": "ok"
    }  # fmt: skip
    assert "not here" in document["hosts"]["h002"]["failure"]["message"]
    assert [(server.upper / "tmp/rest").exists() for server in here.servers] == [True, False, True]
