"""The host data that ``@fake`` reads: the one place its keys are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypedDict

from ropewalk.connectors import host_data
from ropewalk.connectors.fake.host import FakeHost
from ropewalk.model.command import Secret


class FakeData(TypedDict, total=False):
    """Host data of ``@fake``."""

    fake_answers: Annotated[
        Mapping[Any, Any] | Callable[[str], Any], "What commands write: answers by pattern, or a function of a command."
    ]
    fake_otherwise: Annotated[
        Any, "The answer to commands that nothing else answers (default: they write nothing, and succeed)."
    ]
    fake_files: Annotated[Mapping[str, str | bytes], "The content of files that can be downloaded, by path."]
    fake_latency: Annotated[
        float | Sequence[float], "Seconds of a round trip, or the least and the most of them (default: 0)."
    ]
    fake_failure: Annotated[
        str,
        "What goes wrong: refuse, timeout or reject (perhaps with how many attempts to connect, as in refuse 2); "
        "lose, die or hang after N commands.",
    ]
    fake_failure_rate: Annotated[
        float, "The share of hosts on which it does, from 0 to 1 (default: 1); the same ones in each run."
    ]
    fake_sudo_password: Annotated[str | Secret, "What sudo asks for (default: nothing)."]
    fake_su_password: Annotated[str | Secret, "What su asks for (default: nothing)."]
    fake_host: Annotated[FakeHost, "A `ropewalk.testing.FakeHost`, in place of all of these."]


def keys() -> dict[str, tuple[Any, str]]:
    """Return what the connector reads: for each key its type and what it means."""
    return host_data.keys_of(FakeData)


_KEYS = keys()


def host_of(name: str, data: Mapping[str, Any]) -> FakeHost:
    """Return the host that an inventory's data describe.

    :raises ConnectorDataTypeError: they make no sense.
    """
    found = {key.removeprefix("fake_"): value for key, value in host_data.read(name, data, _KEYS, {}).items()}
    known: FakeHost | None = found.pop("host", None)
    return known if known is not None else FakeHost(found.pop("answers", None), name=name, **found)
