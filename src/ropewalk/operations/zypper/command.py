"""How zypper is called, and what it says it would do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ropewalk.facts.rpm_state import ZypperPreview
from ropewalk.model.command import Change, Raw, Renderable, Shell, sh
from ropewalk.operations.packaging.difference import Installed
from ropewalk.operations.packaging.previews import previewer, replacing

#: Repositories bring their keys along; without this, zypper would stop at each that is new.
TRUST = "--gpg-auto-import-keys"
# Seconds to wait for PackageKit, YaST and the like.
_WAIT = Raw("ZYPP_LOCK_TIMEOUT=300")
# A preview must not come to trust anything.
_dry_run = replacing({"zypper": ("zypper", "--xmlout"), TRUST: (), "-y": ("-y", "--dry-run")})


def zypper(action: str, *words: str, before: Sequence[str] = (), trust: bool = True) -> Shell:
    """Return a ``zypper`` command that asks nothing, and waits for other programs that use libzypp.

    :param before: options that stand before the action.

    >>> str(zypper("remove", "vim", trust=False))
    'ZYPP_LOCK_TIMEOUT=300 zypper --non-interactive remove -y vim'
    """
    return sh(_WAIT, "zypper", *before, "--non-interactive", *([TRUST] if trust else []), action, "-y", *words)


def zypper_preview(have: Callable[[], Installed]) -> Callable[[Renderable], list[Change] | None]:
    """Return a function that tells what a command of zypper would change."""
    return previewer(ZypperPreview, _dry_run, have)
