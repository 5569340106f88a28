"""How apt-get is called, and what it says it would do."""

from __future__ import annotations

from ropewalk.api.host import Host
from ropewalk.facts.apt_state import AptPreview
from ropewalk.model.command import Change, Raw, Renderable, Shell, sh

#: What `force` allows: all that apt-get's old --force-yes stood for.
FORCE = (
    "--allow-downgrades",
    "--allow-remove-essential",
    "--allow-change-held-packages",
    "--allow-unauthenticated",
)

#: Seconds to wait for another program that uses apt, such as the upgrades that Debian and Ubuntu make by themselves.
PATIENCE = 300
_WAIT = ("-o", f"DPkg::Lock::Timeout={PATIENCE}")
# A changed configuration file is kept, as dpkg's own default is; an unchanged one is replaced.
_DPKG = ("-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold")


def apt_get(action: str, *words: str, force: bool = False) -> Shell:
    """Return an ``apt-get`` command that asks nothing, and waits for other programs that use apt.

    >>> str(apt_get("install", "vim"))[-11:]
    'install vim'
    """
    allowed = FORCE if force else ()
    return sh(Raw("DEBIAN_FRONTEND=noninteractive"), "apt-get", "-y", *allowed, *_WAIT, *_DPKG, action, *words)


def preview(host: Host, command: Renderable) -> list[Change] | None:
    """Return what an ``apt-get`` command would change now, or ``None`` if apt cannot tell."""
    steps = host.get_fact(AptPreview, command=command.render())
    return None if steps is None else [Change(step["name"], step["before"], step["after"]) for step in steps]
