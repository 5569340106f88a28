"""SELinux: booleans, contexts of files, types of ports."""

from __future__ import annotations

from ropewalk.operations.selinux.boolean import Boolean as Boolean
from ropewalk.operations.selinux.boolean import boolean as boolean
from ropewalk.operations.selinux.file_context import file_context as file_context
from ropewalk.operations.selinux.file_context_mapping import file_context_mapping as file_context_mapping
from ropewalk.operations.selinux.port import Protocol as Protocol
from ropewalk.operations.selinux.port import port as port
