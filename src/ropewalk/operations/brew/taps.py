"""brew.tap and brew.trust: where formulae and casks come from."""

from __future__ import annotations

import re
from typing import Unpack
from urllib.parse import urlsplit

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.brew import BrewItemKind, BrewTaps, BrewTrusted
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationTypeError, OperationValueError
from ropewalk.operations.packaging import Packages, wanted

_TAP = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


@operation()
def tap(
    src: str | None = None,
    present: bool = True,
    trusted: bool | None = False,
    url: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Add or remove a tap, and say whether Homebrew may run what is in it.

    :param src: ``user/name``; by default what the URL says.
    :param present: ``False`` removes it.
    :param trusted: whether all of it is trusted, see https://docs.brew.sh/Tap-Trust; ``None``: as it is.
    :param url: where the tap is, if it is not on GitHub.
    :raises OperationValueError: a name that no tap can have, or none at all; a URL that begins with a dash.

    ::

        brew.tap(name="Add Example's tools", src="example/tools", trusted=True)
    """
    host = current_host.get()
    if not src and not url:
        raise OperationValueError("brew.tap needs `src` or `url`")
    if url and url.startswith("-"):
        raise OperationValueError(f"{url!r} is not where a tap is")
    name = _tap_name(src or _path(str(url)))
    there = name in (item.lower() for item in host.get_fact(BrewTaps))
    if not present:
        if there:
            yield Change(name, "tapped", None)
            yield sh("brew", "untap", name)
        else:
            host.noop(f"there is no tap {name}")
        return
    if not there:
        yield Change(name, None, "tapped")
        yield sh("brew", "tap", name, *([url] if url else []))
    steps = [] if trusted is None else [*_trust([name], BrewItemKind.TAP, trusted)]
    yield from steps
    if there and not steps:
        host.noop(f"the tap {name} is there")


@operation()
def trust(items: Packages, kind: BrewItemKind, trusted: bool, **_: Unpack[GlobalArguments]) -> Steps:
    """Say that Homebrew may run the code of taps, formulae, casks or commands, or may not.

    :param items: one or several, in full: ``user/tap``, or ``user/tap/name``.
    :param kind: what they are, ``ropewalk.facts.brew.BrewItemKind``.
    :param trusted: ``False`` takes explicit trust back.
    :raises OperationValueError: a name that nothing can have.
    :raises OperationTypeError: ``kind`` is not a ``BrewItemKind``.

    ::

        brew.trust(name="Trust the tool", items=["example/tools/t"], kind=BrewItemKind.FORMULA, trusted=True)
    """
    if not isinstance(kind, BrewItemKind):
        raise OperationTypeError(f"kind is a BrewItemKind, not {kind!r}")
    steps = [*_trust([package.name for package in wanted(items)], kind, trusted)]
    yield from steps
    if not steps:
        current_host.get().noop(f"all of them are {'' if trusted else 'not '}trusted")


def _trust(names: list[str], kind: BrewItemKind, trusted: bool) -> Steps:
    have = {name.lower() for name in current_host.get().get_fact(BrewTrusted)[kind.value]}
    differing = [name for name in names if (name.lower() in have) != trusted]
    for name in differing:
        yield Change(f"trust in {name}", "no" if trusted else "yes", "yes" if trusted else "no")
    if differing:
        yield sh("brew", "trust" if trusted else "untrust", f"--{kind.name.lower()}", *differing)


def _tap_name(text: str) -> str:
    """Return the name under which Homebrew lists a tap: in small letters, without ``homebrew-``.

    >>> _tap_name("Example/homebrew-tools")
    'example/tools'
    """
    if not _TAP.fullmatch(text):
        raise OperationValueError(f"{text!r} is not the name of a tap", hint="write it as user/name")
    user, _, name = text.lower().partition("/")
    return f"{user}/{name.removeprefix('homebrew-')}"


def _path(url: str) -> str:
    """Return the last two parts of a URL, ``user/name``."""
    path = urlsplit(url).path if "://" in url else url.rpartition(":")[2]
    return "/".join(path.strip("/").removesuffix(".git").split("/")[-2:])
