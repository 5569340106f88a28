"""Containers of pods in Kubernetes: ``@kubectl/[CONTEXT/]NAMESPACE/POD[:CONTAINER]``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from ropewalk.api.connector import ConnectorOptions
from ropewalk.connectors.exec_client import ExecClientConnector
from ropewalk.model.errors import ConnectorDataTypeError, InventoryError
from ropewalk.model.target import Target


class KubectlConnector(ExecClientConnector):
    """Starts processes with ``kubectl exec``, which takes its configuration and rights from where it always does.

    Data: ``kubectl_pod``, ``kubectl_namespace``; ``kubectl_container`` (default: the pod's default container),
    ``kubectl_context`` (default: the current one).

    >>> [target.data["kubectl_pod"] for target in KubectlConnector.targets("shop/web-0:nginx")]
    ['web-0']
    """

    scheme: ClassVar[str] = "kubectl"
    hint: ClassVar[str] = "see if kubectl get pods shows it running; its image needs the program sh"

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        super().__init__(target, options)
        self._pod, self._namespace = self._needed("kubectl_pod"), self._needed("kubectl_namespace")
        if "/" in self._pod:  # kubectl would choose a pod for each process anew
            raise ConnectorDataTypeError(f"{target.name}: kubectl_pod must be the name of a pod ({self._pod!r})")
        self._container, self._context = self._text("kubectl_container"), self._text("kubectl_context")

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the container of an address. A context's name may hold slashes, as those of EKS do.

        :raises InventoryError: the namespace or the pod is missing.
        """
        way, _, last = (address or "").rpartition("/")
        context, _, namespace = way.rpartition("/")
        pod, _, container = last.partition(":")
        if not pod or not namespace:
            raise InventoryError(
                "@kubectl needs a namespace and a pod", hint="Write @kubectl/NAMESPACE/POD, or CONTEXT/NAMESPACE/POD."
            )
        data = {"kubectl_pod": pod, "kubectl_namespace": namespace}
        data |= {"kubectl_container": container} if container else {}
        data |= {"kubectl_context": context} if context else {}
        return [Target(f"@kubectl/{address}", data, ("@kubectl",))]

    def exec_command(self, *, pty: bool) -> list[str]:
        return [
            "kubectl",
            *([f"--context={self._context}"] if self._context else []),
            f"--namespace={self._namespace}", "exec", "--quiet", "--stdin", *(["--tty"] if pty else []), self._pod,
            *([f"--container={self._container}"] if self._container else []), "--",
        ]  # fmt: skip
