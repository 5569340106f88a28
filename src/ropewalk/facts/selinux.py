"""SELinux: contexts of files, booleans, ports; semanage(8) and its pages semanage-fcontext(8), semanage-port(8)."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.shell.paths import path_word

#: What a mapping is for; as a rule for all kinds of files.
ALL_FILES = "all files"

_KINDS = "all files|regular file|directory|character device|block device|socket|symbolic link|named pipe"
_RECORD = re.compile(rf".+?\s+({_KINDS})\s+(\S+)\s*")
_LOCAL = "local:"
_LIST_PORTS = f"semanage port -l -n && echo {_LOCAL} && semanage port -l -n -C"
_PORTS = re.compile(r"(\S+)\s+(\S+)\s+(\d.*)")


class ContextDict(TypedDict):
    """A security context; the level holds the categories too: ``s0:c1,c2``."""

    user: str
    role: str
    type: str
    level: str


class FileContext(FactBase["ContextDict | None"]):
    """The security context of a file; ``None`` if there is no such file, or files have no contexts there.

    ``{"user": "system_u", "role": "object_r", "type": "etc_t", "level": "s0"}``

    :param path: the file; a link leads to what it points to.
    """

    def command(self, path: str) -> Shell:
        # Where there are no contexts, stat fails and writes a question mark.
        return if_present(
            path_word(path),
            Raw('said=$(stat -L -c %C -- "$1" 2>/dev/null); case $said in *:*) echo "$said";; "?") ;; '
                '*) stat -L -c %C -- "$1";; esac'),
        )  # fmt: skip

    def process(self, output: list[str]) -> ContextDict | None:
        return read_context(output[0])


class FileContextRecords(FactBase[dict[str, ContextDict]]):
    """The contexts that files of a pattern get by default, by the kind of file: ``{"all files": {...}}``.

    :param target: the pattern, exactly as it was given to semanage.
    :param local: those alone that were added to the policy.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "semanage"

    def command(self, target: str, local: bool = False) -> Shell:
        look = "semanage fcontext -n -l -C" if local else "semanage fcontext -n -l"
        same = 'awk \'index($0, ENVIRON["T"] " ") == 1\''
        return sh("set", "--", target, Raw(f"; all=$({look}) && printf '%s\\n' \"$all\" | T=$1 {same}"))

    def process(self, output: list[str]) -> dict[str, ContextDict]:
        matches = (_RECORD.fullmatch(line) for line in output)
        contexts = ((match[1], read_context(match[2])) for match in matches if match)
        return {kind: context for kind, context in contexts if context}

    @staticmethod
    def default() -> dict[str, ContextDict]:
        return {}


class FileContextMapping(FactBase["ContextDict | dict[str, str]"]):
    """The context that files of a pattern get by default; ``{}`` if there is none for exactly this pattern.

    :param target: the pattern, as :class:`FileContextRecords` takes it.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "semanage"

    def command(self, target: str) -> Shell:
        return FileContextRecords().command(target)

    def process(self, output: list[str]) -> ContextDict | dict[str, str]:
        records = FileContextRecords().process(output)
        return records.get(ALL_FILES) or next(iter(records.values()), {})

    @staticmethod
    def default() -> dict[str, str]:
        return {}


class SEBoolean(FactBase[str]):
    """What a boolean is now: ``"on"`` or ``"off"``; a boolean that does not exist is an error.

    :param boolean: its name.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "getsebool"

    def command(self, boolean: str) -> Shell:
        return sh("getsebool", "--", boolean)

    def process(self, output: list[str]) -> str:
        return output[0].rpartition(" --> ")[2].strip()

    @staticmethod
    def default() -> str:
        return ""


class SEBooleanKept(FactBase[str]):
    """What a boolean was set to for good: ``"on"`` or ``"off"``; ``""`` if it never was. Needs root.

    :param boolean: its name.
    """

    def command(self, boolean: str) -> Shell:
        return sh("set", "--", boolean, Raw(
            "; kind=$(sed -n 's/^SELINUXTYPE=\\([^ ]*\\).*/\\1/p' /etc/selinux/config) || exit; "
            'for f in "/var/lib/selinux/$kind/active" "/etc/selinux/$kind/modules/active"; do f=$f/booleans.local; '
            'if [ -f "$f" ]; then B=$1 awk -F= \'$1 == ENVIRON["B"] {print $2}\' "$f" || exit; fi; done'
        ))  # fmt: skip

    def process(self, output: list[str]) -> str:
        return "on" if output[-1].strip() in ("1", "on", "true") else "off"

    @staticmethod
    def default() -> str:
        return ""


class PortRecord(NamedTuple):
    """A range of ports that was given a type; ``local``: it was added to the policy."""

    low: int
    high: int
    type: str
    local: bool


class SEPortRecords(FactBase[dict[str, list[PortRecord]]]):
    """The types of ports as they were defined: ``{"tcp": [PortRecord(22, 22, "ssh_port_t", local=False)]}``.

    A range may be there twice: what was added takes the place of what the policy says.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "semanage"

    def command(self) -> Shell:
        return sh(Raw(_LIST_PORTS))

    def process(self, output: list[str]) -> dict[str, list[PortRecord]]:
        records: dict[str, list[PortRecord]] = {}
        local = False
        for line in output:
            local = local or line == _LOCAL
            if match := _PORTS.fullmatch(line.strip()):
                for ports in match[3].split(","):
                    low, dash, high = ports.strip().partition("-")
                    record = PortRecord(int(low), int(high if dash else low), match[1], local)
                    records.setdefault(match[2], []).append(record)
        return records

    @staticmethod
    def default() -> dict[str, list[PortRecord]]:
        return {}


class SEPorts(FactBase[dict[str, dict[int, str]]]):
    """The type of every port: ``{"tcp": {22: "ssh_port_t"}}``.

    Of several ranges that hold a port the smallest counts, as it does for the kernel.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "semanage"

    def command(self) -> Shell:
        return SEPortRecords().command()

    def process(self, output: list[str]) -> dict[str, dict[int, str]]:
        return {
            protocol: {
                port: kind
                for low, high, kind, _local in sorted(
                    records, key=lambda record: (record.low - record.high, record.local)
                )
                for port in range(low, high + 1)
            }
            for protocol, records in SEPortRecords().process(output).items()
        }

    @staticmethod
    def default() -> dict[str, dict[int, str]]:
        return {}


class SEPort(FactBase[str]):
    """The type of a port: ``"ssh_port_t"``; ``""`` if it has none.

    :param protocol: ``"tcp"``, ``"udp"``, ``"sctp"`` or ``"dccp"``.
    :param port: its number.
    """

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "semanage"

    def command(self, protocol: str, port: int) -> Shell:
        smallest = Raw(
            "'$2 == p { for (i = 3; i <= NF; i++) { sub(/,/, \"\", $i); n = split($i, r, \"-\"); hi = r[n]; "
            "if (r[1] + 0 <= q + 0 && q + 0 <= hi + 0 && (best == \"\" || hi - r[1] <= width)) "
            "{ width = hi - r[1]; best = $1 } } } END { if (best != \"\") print best }'"
        )  # fmt: skip
        # What was added comes last, so that of two equal ranges it counts.
        return sh(Raw(f"all=$({_LIST_PORTS}) && printf '%s\\n' \"$all\" | awk -v"), f"p={protocol}",
                  "-v", f"q={port}", smallest)  # fmt: skip

    def process(self, output: list[str]) -> str:
        return output[0]

    @staticmethod
    def default() -> str:
        return ""


def read_context(text: str) -> ContextDict | None:
    """Read a context ``user:role:type:level``; ``None`` if it is none.

    >>> read_context("system_u:object_r:svirt_t:s0:c1,c2")
    {'user': 'system_u', 'role': 'object_r', 'type': 'svirt_t', 'level': 's0:c1,c2'}
    """
    parts = text.strip().split(":", 3)
    if len(parts) < 3:
        return None
    return ContextDict(user=parts[0], role=parts[1], type=parts[2], level=parts[3] if len(parts) > 3 else "")
