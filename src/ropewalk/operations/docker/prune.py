"""docker.prune"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.operations.docker.things import docker


@operation(is_idempotent=False, idempotent_notice="What is unused is looked for every time.")
def prune(all: bool = False, volumes: bool = False, filter: str = "", **_: Unpack[GlobalArguments]) -> Steps:
    """Remove stopped containers, networks and images that nothing uses, and what builds left behind.

    :param all: remove all images that no container uses, not only those without a name.
    :param volumes: remove volumes too that no container uses (since Docker 23 only those without a name).
    :param filter: remove only what fits, such as ``until=24h`` or ``label=name=value``.

    ::

        docker.prune(name="Remove what was not used for a month", all=True, filter="until=720h")
    """
    options = [
        *(["--all"] if all else []),
        *(["--volumes"] if volumes else []),
        *([f"--filter={filter}"] if filter else []),
    ]
    yield docker("system", "prune", "--force", *options)
