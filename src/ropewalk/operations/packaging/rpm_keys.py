"""The keys that rpm trusts."""

from __future__ import annotations

from ropewalk.api.context import current_host
from ropewalk.facts.keyrings import OfferedKeys
from ropewalk.facts.rpm_state import RpmKeys
from ropewalk.model.command import Change, Steps, sh
from ropewalk.operations.packaging.names import is_url


def rpm_key(src: str) -> Steps:
    """Yield what makes rpm trust the keys in a file of the host or behind a URL, unless it does."""
    host = current_host.get()
    source = src if is_url(src) or src.startswith("/") else f"./{src.removeprefix('./')}"
    trusted = host.get_fact(RpmKeys)
    missing = [key for key in host.get_fact(OfferedKeys, source=source) if not any(map(key.lower().endswith, trusted))]
    if not missing:
        host.noop(f"rpm trusts the keys in {src}")
        return
    for key in missing:
        yield Change(f"key {key}", None, "trusted")
    yield sh("rpm", "--import", source)
