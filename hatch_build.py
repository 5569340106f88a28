"""Puts ``ropewalk.pth`` beside the package, in normal and in editable installs.

The file makes v3's import names available to plain Python scripts (see ``ropewalk/compat/names.py``);
an installed package of that name still wins.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StartupFile(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        source = str(Path(self.root) / "src" / "ropewalk.pth")
        build_data["force_include"][source] = "ropewalk.pth"
        build_data.setdefault("force_include_editable", {})[source] = "ropewalk.pth"
