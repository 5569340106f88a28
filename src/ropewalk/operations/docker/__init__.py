"""Docker: containers, images, networks, volumes, plugins, registries, builds, compose."""

from __future__ import annotations

from ropewalk.operations.docker.build import build as build
from ropewalk.operations.docker.compose import compose as compose
from ropewalk.operations.docker.container import container as container
from ropewalk.operations.docker.container_exec import container_exec as container_exec
from ropewalk.operations.docker.image import image as image
from ropewalk.operations.docker.network import network as network
from ropewalk.operations.docker.plugin import plugin as plugin
from ropewalk.operations.docker.prune import prune as prune
from ropewalk.operations.docker.registry import login as login
from ropewalk.operations.docker.registry import logout as logout
from ropewalk.operations.docker.volume import volume as volume
