"""v3's names of the errors."""

from __future__ import annotations

from ropewalk.model.errors import ArgumentTypeError as ArgumentTypeError
from ropewalk.model.errors import ConnectError as ConnectError
from ropewalk.model.errors import ConnectorDataTypeError as ConnectorDataTypeError
from ropewalk.model.errors import DeployError as DeployError
from ropewalk.model.errors import FactError as FactError
from ropewalk.model.errors import FactNotCollected as FactNotCollected
from ropewalk.model.errors import FactPreconditionError as FactPreconditionError
from ropewalk.model.errors import FactProcessError as FactProcessError
from ropewalk.model.errors import FactTypeError as FactTypeError
from ropewalk.model.errors import FactValueError as FactValueError
from ropewalk.model.errors import InventoryError as InventoryError
from ropewalk.model.errors import MissingCommandError as MissingCommandError
from ropewalk.model.errors import NoConnectorError as NoConnectorError
from ropewalk.model.errors import NoGroupError as NoGroupError
from ropewalk.model.errors import NoHostError as NoHostError
from ropewalk.model.errors import OperationError as OperationError
from ropewalk.model.errors import OperationFailed as NestedOperationError
from ropewalk.model.errors import OperationTypeError as OperationTypeError
from ropewalk.model.errors import OperationValueError as OperationValueError
from ropewalk.model.errors import RopewalkError as PyinfraError

__all__ = [
    "ArgumentTypeError",
    "ConnectError",
    "ConnectorDataTypeError",
    "DeployError",
    "FactError",
    "FactNotCollected",
    "FactPreconditionError",
    "FactProcessError",
    "FactTypeError",
    "FactValueError",
    "InventoryError",
    "MissingCommandError",
    "NestedOperationError",
    "NoConnectorError",
    "NoGroupError",
    "NoHostError",
    "OperationError",
    "OperationTypeError",
    "OperationValueError",
    "PyinfraError",
]
