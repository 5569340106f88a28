"""What authors of deploys, operations, facts and connectors import."""

from __future__ import annotations

from ropewalk.api.config import Config as Config
from ropewalk.api.deploy import deploy as deploy
from ropewalk.api.fact import FactBase as FactBase
from ropewalk.api.fact import ShortFactBase as ShortFactBase
from ropewalk.api.host import Host as Host
from ropewalk.api.inventory import Inventory as Inventory
from ropewalk.api.meta import OperationMeta as OperationMeta
from ropewalk.api.operation import Operation as Operation
from ropewalk.api.operation import operation as operation
from ropewalk.api.state import BaseStateCallback as BaseStateCallback
from ropewalk.api.state import State as State
from ropewalk.model.arguments import GlobalArguments as GlobalArguments
from ropewalk.model.command import Call as Call
from ropewalk.model.command import Change as Change
from ropewalk.model.command import Diff as Diff
from ropewalk.model.command import Download as Download
from ropewalk.model.command import Joined as Joined
from ropewalk.model.command import Raw as Raw
from ropewalk.model.command import Rsync as Rsync
from ropewalk.model.command import Secret as Secret
from ropewalk.model.command import Shell as Shell
from ropewalk.model.command import Steps as Steps
from ropewalk.model.command import Upload as Upload
from ropewalk.model.command import UploadTree as UploadTree
from ropewalk.model.command import joined as joined
from ropewalk.model.command import sh as sh
from ropewalk.model.errors import DeployError as DeployError
from ropewalk.model.errors import FactError as FactError
from ropewalk.model.errors import OperationError as OperationError
from ropewalk.model.errors import OperationFailed as OperationFailed
from ropewalk.model.errors import OperationValueError as OperationValueError
