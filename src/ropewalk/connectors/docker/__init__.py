"""Containers of Docker and Podman: ``@docker/...``, ``@podman/...``, and the same on another host."""

from ropewalk.connectors.docker.connector import DockerConnector, PodmanConnector
from ropewalk.connectors.docker.elsewhere import DockerSSHConnector, PodmanSSHConnector

__all__ = ["DockerConnector", "DockerSSHConnector", "PodmanConnector", "PodmanSSHConnector"]
