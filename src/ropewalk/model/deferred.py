"""Values that are worked out when somebody asks for them."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any


class Deferred:  # no ABC: every access to data asks whether it is one
    """A value of host data that depends on other data, or costs something to find out.

    Host data holds it; ``host.data.KEY`` is what it comes to.

    :ivar secret: what it comes to must not be shown.
    """

    secret = False

    @abstractmethod
    def resolve(self, data: Any) -> Any:
        """Return the value.

        :param data: the host's data (``HostData``).
        :raises InventoryError: it has none; says why.
        """
