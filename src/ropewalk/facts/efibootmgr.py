"""What the firmware of a host starts: efibootmgr(8). Tested on output as that page shows it."""

from __future__ import annotations

import re
from typing import Any, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh

_ENTRY = re.compile(r"Boot([0-9A-Fa-f]{4})(\*?)\s*(.*)")


class EFIBootMgrInfoDict(TypedDict):
    """The boot manager's variables; numbers of entries are what efibootmgr shows in hexadecimal."""

    BootNext: int | None
    BootCurrent: int | None
    Timeout: int | None
    BootOrder: list[int] | None
    Entries: dict[int, tuple[bool, str]]


class EFIBootMgr(FactBase["EFIBootMgrInfoDict | None"]):
    """What the firmware starts; ``None`` on a host that was not started by EFI firmware.

    ``Entries`` says of each entry whether it is active, and what it is::

        {"BootNext": None, "BootCurrent": 1, "Timeout": 1, "BootOrder": [1, 2],
         "Entries": {1: (True, "debian"), 2: (False, "UEFI PXE")}}
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "efibootmgr"

    def command(self) -> Shell:
        # Without EFI, efibootmgr fails; the kernel shows this directory if there is EFI.
        return sh(Raw("if [ -d /sys/firmware/efi ]; then LC_ALL=C efibootmgr; fi"))

    def process(self, output: list[str]) -> EFIBootMgrInfoDict | None:
        info = EFIBootMgrInfoDict(BootNext=None, BootCurrent=None, Timeout=None, BootOrder=None, Entries={})
        understood = False
        for line in output:
            name, colon, value = line.partition(": ")
            entry = _ENTRY.fullmatch(line)
            if entry:
                info["Entries"][int(entry[1], 16)] = (bool(entry[2]), entry[3])
            elif colon and name in ("BootNext", "BootCurrent"):
                info[name] = int(value, 16)  # type: ignore[literal-required]
            elif colon and name == "Timeout":
                info["Timeout"] = int(value.split()[0])
            elif colon and name == "BootOrder":
                info["BootOrder"] = [int(number, 16) for number in value.split(",")]
            else:
                continue  # other variables, of mirrored memory for example
            understood = True
        return info if understood else None
