"""Packages, repositories, keys and modules of Fedora and its relatives."""

from __future__ import annotations

from ropewalk.operations.dnf.module import module as module
from ropewalk.operations.packaging import rpm_family
from ropewalk.operations.packaging.rpm_family import of_program

key = of_program("dnf", rpm_family.key)
packages = of_program("dnf", rpm_family.packages)
repo = of_program("dnf", rpm_family.repo)
rpm = of_program("dnf", rpm_family.rpm)
update = of_program("dnf", rpm_family.update)
