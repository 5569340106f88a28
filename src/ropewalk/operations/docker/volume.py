"""docker.volume"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.docker import DockerVolume
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.operations.docker.things import docker, each, find, missing_pairs, pairs, refuse_differences


@operation()
def volume(
    volume: str,
    driver: str = "",
    labels: Sequence[str] | None = None,
    options: Sequence[str] | None = None,
    present: bool = True,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make or remove a volume.

    :param volume: its name.
    :param driver: the driver that keeps its data.
    :param labels: labels, as ``name=value``.
    :param options: options of the driver, as ``name=value``.
    :param present: ``False`` removes it with its data.
    :raises OperationError: Docker is not installed on the host, or the volume is there with another driver, or without
        these labels or options: none of these can be changed.
    :raises OperationValueError: there is no name.

    ::

        docker.volume(name="The database's data", volume="postgres-data", labels=["backup=daily"])
    """
    have = find(DockerVolume, volume)
    host = current_host.get()
    if not present:
        if have is None:
            host.noop(f"there is no volume {volume}")
        else:
            yield docker("volume", "rm", "--", volume)
    elif have is None:
        words = [*each("--driver", driver or None), *each("--label", labels), *each("--opt", options)]
        yield docker("volume", "create", *words, "--", volume)
    else:
        refuse_differences(
            f"volume {volume}",
            {
                **({"driver": (driver, have["Driver"])} if driver and driver != have["Driver"] else {}),
                **missing_pairs("labels", pairs(labels), have.get("Labels")),
                **missing_pairs("options", pairs(options), have.get("Options")),
            },
        )
        host.noop(f"there is a volume {volume}")
