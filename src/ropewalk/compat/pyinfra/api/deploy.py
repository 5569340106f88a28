"""v3's ``deploy`` decorator, and ``add_deploy`` for scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec

from ropewalk.api.deploy import deploy as _deploy
from ropewalk.compat._v3_call import PyinfraOperation as PyinfraOperation
from ropewalk.compat.driver import add_deploy as add_deploy

if TYPE_CHECKING:
    P = ParamSpec("P")

    def deploy(
        name: str | None = None, data_defaults: dict[str, Any] | None = None
    ) -> Callable[[Callable[P, Any]], PyinfraOperation[P]]: ...

else:
    deploy = _deploy
