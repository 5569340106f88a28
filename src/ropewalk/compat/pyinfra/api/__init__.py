"""What authors of v3 deploys, operations, facts and connectors import from ``pyinfra.api``."""

from __future__ import annotations

import importlib
from typing import Any

from ropewalk.compat.pyinfra.api.command import FileDownloadCommand as FileDownloadCommand
from ropewalk.compat.pyinfra.api.command import FileUploadCommand as FileUploadCommand
from ropewalk.compat.pyinfra.api.command import FunctionCommand as FunctionCommand
from ropewalk.compat.pyinfra.api.command import MaskString as MaskString
from ropewalk.compat.pyinfra.api.command import QuoteString as QuoteString
from ropewalk.compat.pyinfra.api.command import RsyncCommand as RsyncCommand
from ropewalk.compat.pyinfra.api.command import StringCommand as StringCommand
from ropewalk.compat.pyinfra.api.config import Config as Config
from ropewalk.compat.pyinfra.api.deploy import deploy as deploy
from ropewalk.compat.pyinfra.api.exceptions import DeployError as DeployError
from ropewalk.compat.pyinfra.api.exceptions import FactError as FactError
from ropewalk.compat.pyinfra.api.exceptions import FactNotCollected as FactNotCollected
from ropewalk.compat.pyinfra.api.exceptions import FactPreconditionError as FactPreconditionError
from ropewalk.compat.pyinfra.api.exceptions import FactProcessError as FactProcessError
from ropewalk.compat.pyinfra.api.exceptions import FactTypeError as FactTypeError
from ropewalk.compat.pyinfra.api.exceptions import FactValueError as FactValueError
from ropewalk.compat.pyinfra.api.exceptions import InventoryError as InventoryError
from ropewalk.compat.pyinfra.api.exceptions import MissingCommandError as MissingCommandError
from ropewalk.compat.pyinfra.api.exceptions import OperationError as OperationError
from ropewalk.compat.pyinfra.api.exceptions import OperationTypeError as OperationTypeError
from ropewalk.compat.pyinfra.api.exceptions import OperationValueError as OperationValueError
from ropewalk.compat.pyinfra.api.facts import FactBase as FactBase
from ropewalk.compat.pyinfra.api.facts import ShortFactBase as ShortFactBase
from ropewalk.compat.pyinfra.api.hiddenvalue import HiddenValue as HiddenValue
from ropewalk.compat.pyinfra.api.host import Host as Host
from ropewalk.compat.pyinfra.api.inventory import Inventory as Inventory
from ropewalk.compat.pyinfra.api.operation import OperationMeta as OperationMeta
from ropewalk.compat.pyinfra.api.operation import operation as operation
from ropewalk.compat.pyinfra.api.state import BaseStateCallback as BaseStateCallback
from ropewalk.compat.pyinfra.api.state import State as State

_MODULES = frozenset({"connect", "connectors", "operations", "output", "util"})


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module 'pyinfra.api' has no attribute {name!r}")
