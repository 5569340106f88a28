"""Containers, images, networks, volumes and plugins of Docker, as its command line tool describes them.

Keys of the values: the reference of the Engine API, https://docs.docker.com/reference/api/engine/.
"""

from __future__ import annotations

from ropewalk.facts.docker.base import DockerFactBase as DockerFactBase
from ropewalk.facts.docker.base import DockerSingleMixin as DockerSingleMixin
from ropewalk.facts.docker.base import _DockerJsonLinesFactBase as _DockerJsonLinesFactBase
from ropewalk.facts.docker.container import DockerContainerFsChanges as DockerContainerFsChanges
from ropewalk.facts.docker.container import DockerContainerProcesses as DockerContainerProcesses
from ropewalk.facts.docker.container import DockerContainerStats as DockerContainerStats
from ropewalk.facts.docker.container import DockerImageHistory as DockerImageHistory
from ropewalk.facts.docker.objects import DockerContainer as DockerContainer
from ropewalk.facts.docker.objects import DockerContainers as DockerContainers
from ropewalk.facts.docker.objects import DockerImage as DockerImage
from ropewalk.facts.docker.objects import DockerImages as DockerImages
from ropewalk.facts.docker.objects import DockerNetwork as DockerNetwork
from ropewalk.facts.docker.objects import DockerNetworks as DockerNetworks
from ropewalk.facts.docker.objects import DockerPlugin as DockerPlugin
from ropewalk.facts.docker.objects import DockerPlugins as DockerPlugins
from ropewalk.facts.docker.objects import DockerVolume as DockerVolume
from ropewalk.facts.docker.objects import DockerVolumes as DockerVolumes
from ropewalk.facts.docker.parts import DockerContainerEnvs as DockerContainerEnvs
from ropewalk.facts.docker.parts import DockerContainerLabels as DockerContainerLabels
from ropewalk.facts.docker.parts import DockerContainerMounts as DockerContainerMounts
from ropewalk.facts.docker.parts import DockerContainerNetworks as DockerContainerNetworks
from ropewalk.facts.docker.parts import DockerContainerPorts as DockerContainerPorts
from ropewalk.facts.docker.parts import DockerImageLabels as DockerImageLabels
from ropewalk.facts.docker.parts import DockerImageLayers as DockerImageLayers
from ropewalk.facts.docker.parts import DockerNetworkLabels as DockerNetworkLabels
from ropewalk.facts.docker.parts import DockerVolumeLabels as DockerVolumeLabels
from ropewalk.facts.docker.system import DockerAuths as DockerAuths
from ropewalk.facts.docker.system import DockerSystemInfo as DockerSystemInfo
from ropewalk.facts.docker.system import DockerVersion as DockerVersion
