"""Packages, repositories and keys of older relatives of Fedora, with yum."""

from __future__ import annotations

from ropewalk.operations.packaging import rpm_family
from ropewalk.operations.packaging.rpm_family import of_program

key = of_program("yum", rpm_family.key)
packages = of_program("yum", rpm_family.packages)
repo = of_program("yum", rpm_family.repo)
rpm = of_program("yum", rpm_family.rpm)
update = of_program("yum", rpm_family.update)
