"""Chains and rules of the packet filter: iptables-save(8), iptables(8)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NotRequired, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh

_KEYS = {
    "-j": "jump", "--jump": "jump", "-p": "protocol", "--protocol": "protocol", "-s": "source", "--source": "source",
    "-d": "destination", "--destination": "destination", "-i": "in_interface", "--in-interface": "in_interface",
    "-o": "out_interface", "--out-interface": "out_interface", "--to-destination": "to_destination",
    "--to-source": "to_source", "--to-ports": "to_ports", "--log-prefix": "log_prefix",
}  # fmt: skip


# iptables-save writes text with special characters in double quotes, with a backslash before some of them.
_WORD = re.compile(r'"((?:\\.|[^"\\])*)"|\S+')


class RuleDict(TypedDict):
    """A rule; ``not_...`` is what a packet must not have, ``extras`` the other words, options and their values."""

    chain: str
    extras: NotRequired[set[str]]
    jump: NotRequired[str]
    protocol: NotRequired[str]
    not_protocol: NotRequired[str]
    source: NotRequired[str]
    not_source: NotRequired[str]
    destination: NotRequired[str]
    not_destination: NotRequired[str]
    in_interface: NotRequired[str]
    not_in_interface: NotRequired[str]
    out_interface: NotRequired[str]
    not_out_interface: NotRequired[str]
    to_destination: NotRequired[str]
    to_source: NotRequired[str]
    to_ports: NotRequired[str]
    log_prefix: NotRequired[str]


class _Saved(FactBase[Any]):
    """What ``iptables-save`` writes of one table."""

    program: ClassVar[str] = "iptables-save"

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return self.program

    def command(self, table: str = "filter") -> Shell:
        return sh(self.program, "-t", table)


class IptablesRules(_Saved):
    """The rules of a table, in order.

    ::

        [{"chain": "INPUT", "jump": "ACCEPT", "protocol": "tcp", "source": "192.0.2.7/32",
          "extras": {"-m", "tcp", "--dport", "22"}}]

    :param table: the table.
    """

    def process(self, output: list[str]) -> list[RuleDict]:
        return [_rule(line) for line in output if line.startswith("-A ")]

    @staticmethod
    def default() -> list[RuleDict]:
        return []


class IptablesChains(_Saved):
    """The chains of a table and their policies: ``{"INPUT": "ACCEPT", "BLOCKED": "-"}``.

    Only built-in chains have a policy. A kernel that holds no rules yet may show no chains.

    :param table: the table.
    """

    def process(self, output: list[str]) -> dict[str, str]:
        rows = (line[1:].split() for line in output if line.startswith(":"))
        return {row[0]: row[1] for row in rows if len(row) > 1}

    @staticmethod
    def default() -> dict[str, str]:
        return {}


class Ip6tablesRules(IptablesRules):
    """The rules of a table for IPv6; see :class:`IptablesRules`."""

    program = "ip6tables-save"


class Ip6tablesChains(IptablesChains):
    """The chains of a table for IPv6; see :class:`IptablesChains`.

    ::

        {"INPUT": "DROP", "FORWARD": "DROP", "OUTPUT": "ACCEPT", "logged": "-"}
    """

    program = "ip6tables-save"


class IptablesRule(FactBase["bool | None"]):
    """Whether a chain has a rule, as the packet filter itself compares them; ``None``: what it jumps to is not there.

    :param program: ``iptables`` or ``ip6tables``.
    :param table: the table.
    :param chain: the chain; one that does not exist has no rules.
    :param rule: the words of the rule.
    """

    def command(self, program: str, table: str, chain: str, rule: Sequence[str]) -> Shell:
        # Status 1: no such rule or chain. A chain or target to jump to that does not exist is told in words only.
        look = sh(program, "-w", "-t", table, "-C", chain, *rule).render()
        return sh(Raw(
            f"said=$(LC_ALL=C {look} 2>&1); case $?:$said in 0:*) echo yes;; 1:*) echo no;; "
            "*\": Chain '\"*\"' does not exist\"*|*\": Couldn't load target \"*) echo nowhere;; "
            "*) printf '%s\\n' \"$said\" >&2; exit 1;; esac"
        ))  # fmt: skip

    def process(self, output: list[str]) -> bool | None:
        return {"yes": True, "no": False}.get(output[0])


def _rule(line: str) -> RuleDict:
    chain, *words = [_unquoted(match) for match in _WORD.finditer(line)][1:]
    rule: dict[str, Any] = {"chain": chain}
    extras: set[str] = set()
    for negated, option, values in _options(words):
        if option in _KEYS:
            rule[f"not_{_KEYS[option]}" if negated else _KEYS[option]] = " ".join(values)
        else:
            extras |= {*(["!"] if negated else []), option, *([" ".join(values)] if values else [])}
    if extras:
        rule["extras"] = extras
    return rule  # type: ignore[return-value]


def _options(words: Sequence[str]) -> Iterator[tuple[bool, str, list[str]]]:
    """Yield each option of a rule, whether ``!`` stands before it, and its values."""
    rest = list(words)
    while rest:
        negated = rest[0] == "!" and len(rest) > 1
        option, rest = (rest[1], rest[2:]) if negated else (rest[0], rest[1:])
        end = next((i for i, word in enumerate(rest) if word == "!" or word.startswith("-")), len(rest))
        values, rest = rest[:end], rest[end:]
        yield negated, option, values


def _unquoted(match: re.Match[str]) -> str:
    return match[0] if match[1] is None else re.sub(r"\\(.)", r"\1", match[1])
