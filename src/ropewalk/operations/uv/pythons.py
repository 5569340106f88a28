"""uv.pythons: interpreters."""

from __future__ import annotations

import re
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.uv import UvInstalledPythonsByImplementation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.packaging import Packages, wanted
from ropewalk.operations.uv.arguments import ExtraArguments, extra_words

# Requests as uv documents them: 3.12, cpython@3.12, pypy3.10, 3.13t, 3.13+freethreaded; keys are requests too.
_REQUEST = re.compile(r"(?:(?P<implementation>[a-z]+)[@-]?)?(?P<version>\d+(?:\.\d+)*\w*?)?"
                      r"(?P<variant>t|\+\w+)?(?P<platform>(?:-\w+)+)?", re.IGNORECASE)  # fmt: skip
_KEY = re.compile(r"(?P<implementation>[a-z]+)-(?P<version>[^-+]+)(?P<variant>\+\w+)?(?P<platform>-.*)?")

_SHORT = {"cp": "cpython", "python": "cpython", "pp": "pypy"}


@operation()
def pythons(
    versions: Packages,
    *,
    present: bool = True,
    managed: bool = True,
    extra_args: ExtraArguments = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install or remove interpreters.

    :param versions: one or several requests: ``3.12`` (any release of it), ``3.12.4``, ``pypy3.10``,
        ``3.13+freethreaded``, or a key as uv shows them. Ranges are not among them.
    :param present: ``False`` removes all that fit.
    :param managed: count only those that uv installed; otherwise also those of the system.
    :param extra_args: more arguments for ``uv python install`` or ``uv python uninstall``.
    :raises OperationValueError: something that is no such request.

    ::

        uv.pythons(name="Install Python", versions=["3.12", "pypy3.10"])
    """
    host = current_host.get()
    requests = [package.text for package in wanted(versions)]
    for request in requests:
        if not _REQUEST.fullmatch(request):
            raise OperationValueError(f"{request!r} does not name a Python", hint='write it as "3.12" or "pypy3.10"')
    keys = host.get_fact(UvInstalledPythonsByImplementation, is_managed=managed) if requests else {}
    found = {request: [key for key in keys if _is(key, request)] for request in requests}
    to_do = [request for request in requests if bool(found[request]) != present]
    if not to_do:
        host.noop(f"all of them are {'installed' if present else 'absent'}" if requests else "no versions are named")
        return
    for request in to_do:
        before = ", ".join(sorted(found[request])) or None
        yield Change(request, before, "installed" if present else None)
    options = ["--no-progress", *(["--managed-python"] if managed else []), *extra_words(extra_args)]
    yield sh("uv", "python", "install" if present else "uninstall", *options, *to_do)


def _is(key: str, request: str) -> bool:
    """Say whether an installed Python is what a request asks for.

    >>> _is("cpython-3.12.1-linux-x86_64-gnu", "3.12"), _is("cpython-3.13.0+freethreaded-linux-x86_64-gnu", "3.13")
    (True, False)
    """
    have, want = _KEY.fullmatch(key), _REQUEST.fullmatch(request)
    if not have or not want:
        return False
    variant = "+freethreaded" if want["variant"] == "t" else want["variant"]
    implementation = (want["implementation"] or "cpython").lower()
    return (
        _SHORT.get(implementation, implementation) == have["implementation"]
        and variant == have["variant"]
        and _starts(have["version"], want["version"])
        and (have["platform"] or "").startswith(want["platform"] or "")
    )


def _starts(version: str, wanted: str | None) -> bool:
    return wanted is None or version == wanted or version.startswith(f"{wanted}.")
