"""Containers of LXD."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.lxd import LxdContainers
from ropewalk.facts.server import Which
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Steps, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.services import check_name


@operation()
def container(
    id: str, present: bool = True, image: str = "ubuntu:16.04", **_: Unpack[GlobalArguments]
) -> Steps:  # fmt: skip
    """Make and start a container, or remove one.

    :param id: the container's name.
    :param present: whether it should exist. One that exists stays as it is, started or not; one that should not
        is stopped first if it runs.
    :param image: what a new one is made of.
    :raises OperationError: the program lxc is not there.
    :raises OperationValueError: a name that no container or image can have.

    ::

        lxd.container(name="Make a place to build in", id="build", image="images:debian/12")
    """
    check_name(id)
    if not image or image.startswith("-"):
        raise OperationValueError(f"{image!r} cannot be the name of an image")
    host = current_host.get()
    found = next((entry for entry in host.get_fact(LxdContainers) if entry["name"] == id), None)
    if not found and not host.get_fact(Which, command="lxc"):
        raise OperationError("lxc is not installed", hint="it is the client of LXD")
    if bool(found) == present:
        host.noop(f"the container {id} is {'there' if present else 'not there'}")
    elif not found:
        # lxc waits for configuration on its standard input.
        yield sh("lxc", "launch", image, id, Raw("</dev/null"))
    else:
        status = found["status"]
        if status == "Running":
            yield sh("lxc", "stop", id)
        yield sh("lxc", "delete", *([] if status in ("Running", "Stopped") else ["--force"]), id)
