"""selinux.file_context"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.selinux import FileContext
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.names import check_word
from ropewalk.shell.paths import path_word


@operation()
def file_context(path: str, se_type: str, **_: Unpack[GlobalArguments]) -> Steps:
    """Give a file a type, until somebody relabels it; ``selinux.file_context_mapping`` is for good.

    :param path: the file; a link leads to what it points to.
    :param se_type: the type, such as ``httpd_sys_content_t``.
    :raises OperationError: the file does not exist, or files have no contexts there.
    :raises OperationValueError: ``se_type`` is not one word.

    ::

        selinux.file_context(name="Let the web server read it", path="/srv/web", se_type="httpd_sys_content_t")
    """
    check_word("a type", se_type)
    host = current_host.get()
    context = host.get_fact(FileContext, path=path)
    if context is None:
        raise OperationError(f"{path} has no security context", hint="it does not exist, or SELinux is not there")
    if context["type"] == se_type:
        host.noop(f"{path} has the type {se_type}")
        return
    yield Change("type", context["type"], se_type)
    yield sh("chcon", "-t", se_type, "--", path_word(path))
