"""What the system is and what it calls itself."""

from __future__ import annotations

from typing import Any

from ropewalk.api.fact import FactBase
from ropewalk.facts.server import release_files


class Hostname(FactBase[str]):
    """The host's own name, as ``uname -n`` tells it.

    See uname(1).

    ::

        "web1"
    """

    def command(self) -> str:
        return "uname -n"


class Kernel(FactBase[str]):
    """The name of the kernel: ``Linux``, ``FreeBSD``, ``Darwin`` ...

    See uname(1).
    """

    constant = True

    def command(self) -> str:
        return "uname -s"


class KernelVersion(FactBase[str]):
    """The release of the kernel that runs, such as ``6.1.0-18-amd64``.

    See uname(1).
    """

    constant = True

    def command(self) -> str:
        return "uname -r"


class Os(Kernel):
    """The name of the kernel; the same as :class:`Kernel`.

    See uname(1).

    ::

        "Linux"
    """


class OsVersion(KernelVersion):
    """The release of the kernel that runs; the same as :class:`KernelVersion`.

    See uname(1).

    ::

        "6.1.0-18-amd64"
    """


class Arch(FactBase[str]):
    """The machine's architecture as the kernel names it: ``x86_64``, ``aarch64`` ...

    See uname(1).
    """

    constant = True

    def command(self) -> str:
        return "uname -m"


class MacosVersion(FactBase["str | None"]):
    """The version of macOS, such as ``14.1``; ``None`` on other systems.

    See sw_vers(1).
    """

    constant = True

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "sw_vers"

    def command(self) -> str:
        return "sw_vers -productVersion"


class OsRelease(FactBase["dict[str, str] | None"]):
    """The host's os-release(5) file, its names in lower case; ``None`` if it has none.

    ::

        {"name": "Debian GNU/Linux", "version_id": "12", "id": "debian", ...}
    """

    def command(self) -> str:
        return "for f in /etc/os-release /usr/lib/os-release; do if [ -e $f ]; then cat $f; break; fi; done"

    def process(self, output: list[str]) -> dict[str, str] | None:
        return {name.lower(): value for name, value in release_files.assignments(output).items()}


class LsbRelease(FactBase["dict[str, str] | None"]):
    """What ``lsb_release`` says; ``None`` where it is not installed.

    See lsb_release(1).

    ::

        {"id": "Ubuntu", "description": "Ubuntu 22.04.3 LTS", "release": "22.04", "codename": "jammy"}
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "lsb_release"

    def command(self) -> str:
        return "lsb_release -ca"

    def process(self, output: list[str]) -> dict[str, str] | None:
        pairs = (line.partition(":") for line in output if line.partition(":")[0].strip())
        # The last word names the item: "Distributor ID" is called "id", "LSB Version" is called "version".
        return {label.split()[-1].lower(): value.strip() for label, colon, value in pairs if colon}
