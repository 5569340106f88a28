"""selinux.file_context_mapping"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.selinux import ALL_FILES, FileContextRecords
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.names import check_word


@operation()
def file_context_mapping(
    target: str, se_type: str | None = None, present: bool = True, **_: Unpack[GlobalArguments]
) -> Steps:
    """Say which type files of a pattern get when they are labelled.

    Files that exist keep their type until ``restorecon`` runs.

    :param target: a path, or a regular expression for paths: ``"/srv/web(/.*)?"``, semanage-fcontext(8).
    :param se_type: the type; needed when ``present``.
    :param present: ``False`` takes away what was added to the policy; what the policy itself says stays.
    :raises OperationValueError: there is no type, or the pattern has white space in it, which semanage refuses.

    ::

        mapping = selinux.file_context_mapping(
            name="Say what the web server may read", target="/srv/web(/.*)?", se_type="httpd_sys_content_t"
        )
        server.shell(name="Label it", commands="restorecon -R /srv/web", _if=mapping.did_change)
    """
    check_word("a pattern of paths", target)
    host = current_host.get()
    if not present:
        if ALL_FILES in host.get_fact(FileContextRecords, target=target, local=True):
            yield sh("semanage", "fcontext", "-d", "--", target)
        else:
            host.noop(f"nothing was added to the policy for {target}")
        return
    if se_type is None:
        raise OperationValueError("a mapping needs `se_type`: which type?")
    check_word("a type", se_type)
    record = host.get_fact(FileContextRecords, target=target).get(ALL_FILES)
    before = record["type"] if record else None
    if before == se_type:
        host.noop(f"files of {target} get the type {se_type}")
        return
    yield Change(target, before, se_type)
    yield sh("semanage", "fcontext", "-a" if before is None else "-m", "-t", se_type, "--", target)
