from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, Any

from ropewalk.api.operation import operation
from ropewalk.model.command import Steps
from ropewalk.operations.files.put import put


@operation()
def template(
    src: str | os.PathLike[str] | IO[Any],
    dest: str,
    user: str | None = None,
    group: str | None = None,
    mode: int | str | None = None,
    create_remote_dir: bool = True,
    jinja_env_kwargs: Mapping[str, Any] | None = None,
    **data: Any,
) -> Steps:
    """Render a Jinja2 template and upload the result.

    The template sees ``host``, ``state``, ``inventory`` and every further argument of the call. A name that is not
    defined is an error. The template is read each time; the line end at its end is kept. ``{{ value }}`` of a
    ``Secret`` writes what it holds, and makes the whole file a secret that is not shown.

    :param src: the template file, relative to the directory of the run; or an object with ``read()``.
    :param dest: the file on the host, as for ``files.put``.
    :param user: owner, as for ``files.put``.
    :param group: as ``user``.
    :param mode: as for ``files.put``; not ``True``.
    :param create_remote_dir: make the directory of ``dest``, as for ``files.put``.
    :param jinja_env_kwargs: arguments for ``jinja2.Environment``, such as ``{"trim_blocks": True}``.
    :param data: what the template sees, by name.
    :raises OperationError: the template cannot be read or rendered; names its file and line.

    ::

        files.template(
            name="Virtual host",
            src="templates/site.conf.j2",
            dest="/etc/nginx/sites-enabled/site.conf",
            server_name="example.org",
        )
    """
    from ropewalk.operations.files.templates import render  # jinja2 takes its time to import

    content = render(src, data, jinja_env_kwargs)
    yield from put._inner(content, dest, user=user, group=group, mode=mode, create_remote_dir=create_remote_dir)
