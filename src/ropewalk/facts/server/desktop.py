"""Whether a host has a graphical desktop."""

from __future__ import annotations

from ropewalk.api.fact import FactBase, ShortFactBase

_SESSIONS = {
    "gnome-session": "GNOME",
    "lxsession": "LXDE",
    "mate-session": "MATE",
    "plasma_session": "KDE Plasma",
    "xfce4-session": "XFCE 4",
}


class LinuxGui(FactBase[list[str]]):
    """The desktops that are installed, of GNOME, LXDE, MATE, KDE Plasma and XFCE 4; ``[]`` if none is.

    Told by the programs that start their sessions in ``/usr/bin``, such as gnome-session(1).
    """

    def command(self) -> str:
        return f"for s in {' '.join(_SESSIONS)}; do [ ! -e /usr/bin/$s ] || echo $s; done"

    def process(self, output: list[str]) -> list[str]:
        return [_SESSIONS[line] for line in output if line in _SESSIONS]

    @staticmethod
    def default() -> list[str]:
        return []


class HasGui(ShortFactBase[bool]):
    """Whether one of the desktops of :class:`LinuxGui` is installed.

    Told by gnome-session(1) and its like.

    ::

        False
    """

    fact = LinuxGui

    def process_data(self, data: list[str]) -> bool:
        return bool(data)
