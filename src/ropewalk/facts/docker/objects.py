"""Containers, images, networks, volumes and plugins as ``docker ... inspect`` describes them (Docker Engine API)."""

from __future__ import annotations

from ropewalk.facts.docker.base import DockerListFactBase, DockerSingleMixin


class DockerContainers(DockerListFactBase):
    """All containers, also those that do not run."""

    kind = "container"
    names = ("ps", "-qa")


class DockerImages(DockerListFactBase):
    """All images."""

    kind = "image"
    names = ("images", "-q")


class DockerNetworks(DockerListFactBase):
    """All networks."""

    kind = "network"
    names = ("network", "ls", "-q")


class DockerVolumes(DockerListFactBase):
    """All volumes."""

    kind = "volume"
    names = ("volume", "ls", "-q")


class DockerPlugins(DockerListFactBase):
    """All plugins."""

    kind = "plugin"
    names = ("plugin", "ls", "-q")


class DockerContainer(DockerSingleMixin):
    """One container, in a list; the list is empty where there is no such container.

    :param object_id: its name or ID.
    """

    docker_type = "container"


class DockerImage(DockerSingleMixin):
    """One image, in a list; the list is empty where there is no such image.

    :param object_id: its name, with a tag or digest, or its ID.
    """

    docker_type = "image"


class DockerNetwork(DockerSingleMixin):
    """One network, in a list; the list is empty where there is no such network.

    :param object_id: its name or ID.
    """

    docker_type = "network"


class DockerVolume(DockerSingleMixin):
    """One volume, in a list; the list is empty where there is no such volume.

    :param object_id: its name.
    """

    docker_type = "volume"


class DockerPlugin(DockerSingleMixin):
    """One plugin, in a list; the list is empty where there is no such plugin.

    :param object_id: its name or ID.
    """

    docker_type = "plugin"
