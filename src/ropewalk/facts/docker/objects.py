"""Containers, images, networks, volumes and plugins as ``docker ... inspect`` describes them (Docker Engine API)."""

from __future__ import annotations

from ropewalk.facts.docker.base import DockerListFactBase, DockerSingleMixin


class DockerContainers(DockerListFactBase):
    """All containers, also those that do not run.

    ::

        [{"Id": "4f66ad9a0b2e", "Name": "/web", "State": {"Running": True}, "Config": {"Image": "nginx:1.25"}}]
    """

    kind = "container"
    names = ("ps", "-qa")


class DockerImages(DockerListFactBase):
    """All images.

    ::

        [{"Id": "sha256:a6bd71f48f68", "RepoTags": ["nginx:1.25"], "Size": 187000000}]
    """

    kind = "image"
    names = ("images", "-q")


class DockerNetworks(DockerListFactBase):
    """All networks.

    ::

        [{"Name": "app", "Id": "0d1f2e3c", "Driver": "bridge", "Internal": False, "Labels": {}}]
    """

    kind = "network"
    names = ("network", "ls", "-q")


class DockerVolumes(DockerListFactBase):
    """All volumes.

    ::

        [{"Name": "data", "Driver": "local", "Mountpoint": "/var/lib/docker/volumes/data/_data", "Labels": None}]
    """

    kind = "volume"
    names = ("volume", "ls", "-q")


class DockerPlugins(DockerListFactBase):
    """All plugins.

    ::

        [{"Name": "vieux/sshfs:latest", "Enabled": True, "Id": "5724e2c8"}]
    """

    kind = "plugin"
    names = ("plugin", "ls", "-q")


class DockerContainer(DockerSingleMixin):
    """One container, in a list; the list is empty where there is no such container.

    :param object_id: its name or ID.

    ::

        [{"Id": "4f66ad9a0b2e", "Name": "/web", "State": {"Running": True}, "Config": {"Image": "nginx:1.25"}}]
    """

    docker_type = "container"


class DockerImage(DockerSingleMixin):
    """One image, in a list; the list is empty where there is no such image.

    :param object_id: its name, with a tag or digest, or its ID.

    ::

        [{"Id": "sha256:a6bd71f48f68", "RepoTags": ["nginx:1.25"], "Size": 187000000}]
    """

    docker_type = "image"


class DockerNetwork(DockerSingleMixin):
    """One network, in a list; the list is empty where there is no such network.

    :param object_id: its name or ID.

    ::

        [{"Name": "app", "Id": "0d1f2e3c", "Driver": "bridge", "Internal": False, "Labels": {}}]
    """

    docker_type = "network"


class DockerVolume(DockerSingleMixin):
    """One volume, in a list; the list is empty where there is no such volume.

    :param object_id: its name.

    ::

        [{"Name": "data", "Driver": "local", "Mountpoint": "/var/lib/docker/volumes/data/_data", "Labels": None}]
    """

    docker_type = "volume"


class DockerPlugin(DockerSingleMixin):
    """One plugin, in a list; the list is empty where there is no such plugin.

    :param object_id: its name or ID.

    ::

        [{"Name": "vieux/sshfs:latest", "Enabled": True, "Id": "5724e2c8"}]
    """

    docker_type = "plugin"
