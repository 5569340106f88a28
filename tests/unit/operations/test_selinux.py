"""Operations on SELinux: the commands, and what is refused."""

from __future__ import annotations

import pytest

from ropewalk.facts.selinux import FileContext, FileContextRecords, PortRecord, SEBoolean, SEBooleanKept, SEPortRecords
from ropewalk.model.command import Change, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations import selinux
from ropewalk.operations.selinux import Boolean, Protocol
from ropewalk.testing import evaluate, fact_key


def boolean(have, kept, value, **kwargs):
    return evaluate(selinux.boolean, "web", value, facts={SEBoolean: have, SEBooleanKept: kept}, **kwargs)


@pytest.mark.parametrize("value", ["on", True, Boolean.ON])
def test_a_boolean_is_switched(value):
    assert boolean("off", "", value).steps == [Change("web", "off", "on"), sh("setsebool", "web", "on")]
    assert boolean("on", "", value).noop == "web is on"


@pytest.mark.parametrize(
    ("have", "kept", "changes"),
    [
        ("off", "off", [Change("web", "off", "on"), Change("web at boot", "off", "on")]),
        ("off", "", [Change("web", "off", "on"), Change("web at boot", None, "on")]),
        ("on", "off", [Change("web at boot", "off", "on")]),
        ("off", "on", [Change("web", "off", "on")]),
    ],
)
def test_a_boolean_is_switched_for_good(have, kept, changes):
    assert boolean(have, kept, "on", persistent=True).steps == [*changes, sh("setsebool", "-P", "web", "on")]


def test_a_boolean_that_is_as_it_should_be():
    assert boolean("off", "off", False, persistent=True).noop == "web is off"
    assert SEBooleanKept not in boolean("off", "", Boolean.OFF).asked


@pytest.mark.parametrize("value", ["yes", 1, 0, None, ""])
def test_values_that_are_none(value):
    with pytest.raises(OperationValueError, match="is not a value of a boolean"):
        boolean("on", "on", value)


def test_a_name_that_would_be_an_option():
    with pytest.raises(OperationValueError, match="'-P' cannot be the name of a boolean"):
        evaluate(selinux.boolean, "-P", "on", facts={SEBoolean: "off"})


def test_a_host_without_getsebool():
    with pytest.raises(OperationError, match="getsebool is not installed"):
        boolean("", "", "on")


def context(kind):
    return {"user": "u", "role": "r", "type": kind, "level": "s0"}


def test_the_type_of_a_file():
    done = evaluate(selinux.file_context, "/it's", "b_t", facts={FileContext: context("a_t")})
    assert [str(step) for step in done.steps[1:]] == ["chcon -t b_t -- '/it'\"'\"'s'"]
    assert done.steps[0] == Change("type", "a_t", "b_t")
    assert evaluate(selinux.file_context, "/x", "a_t", facts={FileContext: context("a_t")}).noop
    with pytest.raises(OperationError, match="/x has no security context"):
        evaluate(selinux.file_context, "/x", "a_t", facts={FileContext: None})


PATTERN = "/srv/web(/.*)?"


def mapping(records, *args, **kwargs):
    return evaluate(selinux.file_context_mapping, PATTERN, *args, facts={FileContextRecords: records}, **kwargs)


@pytest.mark.parametrize(
    ("records", "steps"),
    [
        ({}, [Change(PATTERN, None, "b_t"), sh("semanage", "fcontext", "-a", "-t", "b_t", "--", PATTERN)]),
        ({"all files": context("a_t")},
         [Change(PATTERN, "a_t", "b_t"), sh("semanage", "fcontext", "-m", "-t", "b_t", "--", PATTERN)]),
        ({"regular file": context("b_t")},
         [Change(PATTERN, None, "b_t"), sh("semanage", "fcontext", "-a", "-t", "b_t", "--", PATTERN)]),
        ({"all files": context("b_t")}, []),
    ],
)  # fmt: skip
def test_mappings(records, steps):
    assert mapping(records, "b_t").steps == steps


def test_mappings_are_taken_away_where_they_were_added():
    local = fact_key(FileContextRecords, target=PATTERN, local=True)
    for records, steps in (
        ({"all files": context("a_t")}, [sh("semanage", "fcontext", "-d", "--", PATTERN)]),
        ({}, []),
    ):
        done = evaluate(selinux.file_context_mapping, PATTERN, present=False, facts={local: records})
        assert done.steps == steps


@pytest.mark.parametrize(("target", "kind"), [(PATTERN, None), ("/a b", "a_t"), ("", "a_t"), ("/x", "a t")])
def test_mappings_that_cannot_be(target, kind):
    with pytest.raises(OperationValueError):
        evaluate(selinux.file_context_mapping, target, kind, facts={FileContextRecords: {}})


RECORDS = {
    "tcp": [
        PortRecord(80, 80, "http_port_t", False),
        PortRecord(8008, 8010, "http_port_t", False),
        PortRecord(1024, 32767, "unreserved_port_t", False),
        PortRecord(443, 443, "http_port_t", False),
        PortRecord(443, 443, "ssh_port_t", True),
    ]
}


@pytest.mark.parametrize(
    ("port", "kind", "verb", "before"),
    [
        (80, "ssh_port_t", "-m", "http_port_t"),
        (80, "http_port_t", None, None),
        (8009, "http_port_t", None, None),
        (8009, "ssh_port_t", "-a", "http_port_t"),
        (9999, "ssh_port_t", "-a", "unreserved_port_t"),
        (443, "ssh_port_t", None, None),
        (443, "http_port_t", "-m", "ssh_port_t"),
        (5, "ssh_port_t", "-a", None),
    ],
)
def test_ports(port, kind, verb, before):
    done = evaluate(selinux.port, "tcp", port, kind, facts={SEPortRecords: RECORDS})
    assert done.steps == ([] if verb is None else [
        Change(f"tcp port {port}", before, kind), sh("semanage", "port", verb, "-t", kind, "-p", "tcp", str(port)),
    ])  # fmt: skip


def test_ports_are_taken_away_where_they_were_added():
    for port, steps in ((443, [sh("semanage", "port", "-d", "-p", "tcp", "443")]), (80, []), (9999, [])):
        done = evaluate(selinux.port, Protocol.TCP, port, present=False, facts={SEPortRecords: RECORDS})
        assert done.steps == steps


@pytest.mark.parametrize(
    ("protocol", "port", "kind"),
    [("icmp", 1, "a_t"), ("tcp", 0, "a_t"), ("tcp", 65536, "a_t"), ("tcp", "x", "a_t"), ("tcp", 1, None),
     ("tcp", 1, "a t"), ("tcp", -1, "a_t")],
)  # fmt: skip
def test_ports_that_cannot_be(protocol, port, kind):
    with pytest.raises(OperationValueError):
        evaluate(selinux.port, protocol, port, kind, facts={SEPortRecords: {}})
