"""docker.image"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.docker import DockerImage
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.operations.docker.things import docker, find


@operation()
def image(image: str, present: bool = True, force: bool = False, **_: Unpack[GlobalArguments]) -> Steps:
    """Pull or remove an image.

    :param image: its name, with a tag or digest.
    :param present: ``False`` removes it.
    :param force: pull it even if an image of that name is there, since the registry may have a newer one.
    :raises OperationError: Docker is not installed on the host.
    :raises OperationValueError: there is no name.

    ::

        docker.image(name="The web server's image", image="nginx:1.27")
    """
    have = find(DockerImage, image)
    host = current_host.get()
    if present and (force or have is None):
        yield docker("image", "pull", "--", image)
    elif not present and have is not None:
        yield docker("image", "rm", "--", image)
    else:
        host.noop(f"the image {image} is there" if present else f"there is no image {image}")
