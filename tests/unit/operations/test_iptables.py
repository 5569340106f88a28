"""iptables.chain and iptables.rule: the commands, and what is refused."""

from __future__ import annotations

import pytest

from ropewalk.facts.iptables import Ip6tablesChains, IptablesChains, IptablesRule
from ropewalk.model.command import Change, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import iptables
from ropewalk.testing import evaluate, fact_key


def chain(chains, *args, **kwargs):
    return evaluate(iptables.chain, *args, facts={IptablesChains: chains}, **kwargs)


@pytest.mark.parametrize(
    ("chains", "kwargs", "steps"),
    [
        ({}, {"chain": "MINE"}, [sh("iptables", "-w", "-t", "filter", "-N", "MINE")]),
        ({"MINE": "-"}, {"chain": "MINE"}, []),
        ({"MINE": "-"}, {"chain": "MINE", "present": False}, [sh("iptables", "-w", "-t", "filter", "-X", "MINE")]),
        ({}, {"chain": "MINE", "present": False}, []),
        ({}, {"chain": "INPUT"}, []),
        ({"INPUT": "ACCEPT"}, {"chain": "INPUT", "policy": "ACCEPT"}, []),
        ({}, {"chain": "INPUT", "policy": "ACCEPT"}, []),
        ({"INPUT": "ACCEPT"}, {"chain": "INPUT", "policy": "DROP"},
         [Change("policy of INPUT", "ACCEPT", "DROP"), sh("iptables", "-w", "-t", "filter", "-P", "INPUT", "DROP")]),
        ({}, {"chain": "INPUT", "policy": "DROP"},
         [Change("policy of INPUT", "ACCEPT", "DROP"), sh("iptables", "-w", "-t", "filter", "-P", "INPUT", "DROP")]),
        ({}, {"chain": "INPUT", "table": "raw"}, [sh("iptables", "-w", "-t", "raw", "-N", "INPUT")]),
    ],
)  # fmt: skip
def test_chains(chains, kwargs, steps):
    done = chain(chains, **kwargs)
    assert done.steps == steps
    assert bool(done.noop) == (not steps)


def test_chains_for_ipv6():
    facts = {fact_key(Ip6tablesChains, table="nat"): {}}
    done = evaluate(iptables.chain, "MINE", table="nat", version=6, facts=facts)
    assert done.steps == [sh("ip6tables", "-w", "-t", "nat", "-N", "MINE")]


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"chain": "INPUT", "present": False}, "cannot be removed"),
        ({"chain": "MINE", "policy": "DROP"}, "only those have a policy"),
        ({"chain": "INPUT", "policy": "DROP", "present": False}, "cannot be removed"),
        ({"chain": "MINE", "version": 5}, "there are versions 4 and 6"),
        ({"chain": "-X"}, "is not the name of a chain"),
        ({"chain": ""}, "is not the name of a chain"),
        ({"chain": "a b"}, "is not the name of a chain"),
        ({"chain": "MINE", "table": "!x"}, "is not the name of a table"),
    ],
)
def test_chains_that_cannot_be(kwargs, message):
    with pytest.raises(OperationValueError, match=message):
        chain({}, **kwargs)


def rule(there, *args, **kwargs):
    return evaluate(iptables.rule, *args, facts={IptablesRule: there}, **kwargs)


WORDS = {
    "protocol": "-p tcp", "not_protocol": "'!' -p tcp", "source": "-s tcp", "not_source": "'!' -s tcp",
    "destination": "-d tcp", "not_destination": "'!' -d tcp", "in_interface": "-i tcp",
    "not_in_interface": "'!' -i tcp", "out_interface": "-o tcp", "not_out_interface": "'!' -o tcp",
}  # fmt: skip


@pytest.mark.parametrize("argument", WORDS)
def test_matches(argument):
    done = rule(False, "INPUT", "DROP", **{argument: "tcp"})
    assert [str(step) for step in done.steps] == [f"iptables -w -t filter -A INPUT {WORDS[argument]} -j DROP"]


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        ({"jump": "ACCEPT"}, "-A C -j ACCEPT"),
        ({"jump": "ACCEPT", "append": False}, "-I C -j ACCEPT"),
        ({"jump": "ACCEPT", "protocol": "tcp", "destination_port": 22}, "-A C -p tcp --dport 22 -j ACCEPT"),
        ({"jump": "ACCEPT", "protocol": "udp", "source_port": "5:9"}, "-A C -p udp --sport 5:9 -j ACCEPT"),
        ({"jump": "LOG", "log_prefix": "-x y: "}, "-A C -j LOG --log-prefix '-x y: '"),
        ({"jump": "ACCEPT", "extras": "-m comment --comment 'a b; $(x)'"},
         "-A C -j ACCEPT -m comment --comment 'a b; $(x)'"),
        ({"jump": "ACCEPT", "extras": "! -f", "source": "192.0.2.0/24"}, "-A C -s 192.0.2.0/24 -j ACCEPT '!' -f"),
    ],
)  # fmt: skip
def test_rules(kwargs, text):
    assert [str(step) for step in rule(False, "C", **kwargs).steps] == [f"iptables -w -t filter {text}"]
    assert rule(True, "C", **kwargs).noop == "the rule is in C"


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        ({"jump": "DNAT", "to_destination": "192.0.2.1:80"}, "-j DNAT --to-destination 192.0.2.1:80"),
        ({"jump": "SNAT", "to_source": "192.0.2.1"}, "-j SNAT --to-source 192.0.2.1"),
        ({"jump": "REDIRECT", "to_ports": 80, "protocol": "tcp"}, "-p tcp -j REDIRECT --to-ports 80"),
    ],
)
def test_translation(kwargs, text):
    assert [str(step) for step in rule(False, "C", table="nat", **kwargs).steps] == [f"iptables -w -t nat -A C {text}"]


def test_all_copies_of_a_rule_go():
    [command] = rule(True, "C", "DROP", present=False, version=6).steps
    assert str(command) == (
        "while ip6tables -w -t filter -C C -j DROP 2>/dev/null; do ip6tables -w -t filter -D C -j DROP || exit; done"
    )
    for there in (False, None):
        assert rule(there, "C", "DROP", present=False).noop == "the rule is not in C"


def test_a_target_that_is_not_there():
    with pytest.raises(OperationError, match="there is no chain or target MINE"):
        rule(None, "INPUT", "MINE")


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"jump": "DROP", "log_prefix": "x"}, "log_prefix is for jump='LOG'"),
        ({"jump": "SNAT", "to_destination": "x"}, "to_destination is for jump='DNAT'"),
        ({"jump": "DNAT", "to_destination": "x"}, "to_destination is for table='nat'"),
        ({"jump": "DROP", "destination_port": 1}, "a port needs a protocol"),
        ({"jump": "DROP", "source_port": 1, "not_protocol": "tcp"}, "a port needs a protocol"),
        ({"jump": "DROP", "source": "a", "not_source": "b"}, "cannot both ask for a"),
        ({"jump": "DROP", "source": "-j"}, "cannot be part of a rule"),
        ({"jump": "DROP", "source": "a b"}, "cannot be part of a rule"),
        ({"jump": "DROP", "in_interface": ""}, "cannot be part of a rule"),
        ({"jump": "DROP", "extras": "'x"}, "No closing quotation"),
        ({"jump": "-X"}, "is not the name of a target"),
        ({"jump": "DROP", "version": 5}, "there are versions 4 and 6"),
    ],
)
def test_rules_that_cannot_be(kwargs, message):
    with pytest.raises(OperationValueError, match=message):
        rule(False, "C", **kwargs)
