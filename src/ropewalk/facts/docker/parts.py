"""Single properties of all containers, images, networks and volumes, by their IDs."""

from __future__ import annotations

from typing import Any, TypeAlias

from ropewalk.api.fact import ShortFactBase
from ropewalk.facts.docker.objects import DockerContainers, DockerImages, DockerNetworks, DockerVolumes

Things: TypeAlias = "list[dict[str, Any]] | None"


class DockerContainerEnvs(ShortFactBase[dict[str, dict[str, str]]]):
    """The environment variables of containers: ID -> name -> value.

    ::

        {"4f66ad9a0b2e": {"PATH": "/usr/local/bin:/usr/bin", "APP_MODE": "production"}}
    """

    fact = DockerContainers

    def process_data(self, data: Things) -> dict[str, dict[str, str]]:
        return {
            container["Id"]: {name: value for name, _, value in map(_split, container["Config"].get("Env") or ())}
            for container in data or ()
        }


class DockerContainerLabels(ShortFactBase[dict[str, dict[str, str]]]):
    """The labels of containers: ID -> name -> value.

    ::

        {"4f66ad9a0b2e": {"com.example.app": "shop"}}
    """

    fact = DockerContainers

    def process_data(self, data: Things) -> dict[str, dict[str, str]]:
        return {container["Id"]: container["Config"].get("Labels") or {} for container in data or ()}


class DockerContainerMounts(ShortFactBase[dict[str, list[dict[str, Any]]]]):
    """What is mounted in containers: ID -> mounts.

    ::

        {"4f66ad9a0b2e": [{"Type": "volume", "Name": "data", "Destination": "/var/lib/app", "RW": True}]}
    """

    fact = DockerContainers

    def process_data(self, data: Things) -> dict[str, list[dict[str, Any]]]:
        return {container["Id"]: container.get("Mounts") or [] for container in data or ()}


class DockerContainerNetworks(ShortFactBase[dict[str, dict[str, Any]]]):
    """The networks of containers: ID -> name of the network -> the container's place in it.

    ::

        {"4f66ad9a0b2e": {"bridge": {"IPAddress": "172.17.0.2", "Gateway": "172.17.0.1"}}}
    """

    fact = DockerContainers

    def process_data(self, data: Things) -> dict[str, dict[str, Any]]:
        return {container["Id"]: container["NetworkSettings"].get("Networks") or {} for container in data or ()}


class DockerContainerPorts(ShortFactBase[dict[str, dict[str, Any]]]):
    """The ports of containers: ID -> port and protocol, such as ``80/tcp`` -> where it is published, or ``None``.

    ::

        {"4f66ad9a0b2e": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "443/tcp": None}}
    """

    fact = DockerContainers

    def process_data(self, data: Things) -> dict[str, dict[str, Any]]:
        return {container["Id"]: container["NetworkSettings"].get("Ports") or {} for container in data or ()}


class DockerImageLabels(ShortFactBase[dict[str, dict[str, str]]]):
    """The labels of images: ID -> name -> value.

    ::

        {"sha256:a6bd71f48f68": {"maintainer": "Ann <ann@example.com>"}}
    """

    fact = DockerImages

    def process_data(self, data: Things) -> dict[str, dict[str, str]]:
        return {image["Id"]: (image.get("Config") or {}).get("Labels") or {} for image in data or ()}


class DockerImageLayers(ShortFactBase[dict[str, list[str]]]):
    """The layers of images: ID -> digests, the lowest first.

    ::

        {"sha256:a6bd71f48f68": ["sha256:cb4596cc1454", "sha256:571ade696b26"]}
    """

    fact = DockerImages

    def process_data(self, data: Things) -> dict[str, list[str]]:
        return {image["Id"]: (image.get("RootFS") or {}).get("Layers") or [] for image in data or ()}


class DockerNetworkLabels(ShortFactBase[dict[str, dict[str, str]]]):
    """The labels of networks: ID -> name -> value.

    ::

        {"0d1f2e3c": {"com.example.app": "shop"}}
    """

    fact = DockerNetworks

    def process_data(self, data: Things) -> dict[str, dict[str, str]]:
        return {network["Id"]: network.get("Labels") or {} for network in data or ()}


class DockerVolumeLabels(ShortFactBase[dict[str, dict[str, str]]]):
    """The labels of volumes: name of the volume -> name -> value.

    ::

        {"data": {"com.example.app": "shop"}}
    """

    fact = DockerVolumes

    def process_data(self, data: Things) -> dict[str, dict[str, str]]:
        return {volume["Name"]: volume.get("Labels") or {} for volume in data or ()}


def _split(variable: str) -> tuple[str, str, str]:
    return variable.partition("=")
