"""SELinux: what stat, getsebool and semanage write."""

from __future__ import annotations

import pytest
from fact_reader import ReadFailed

from ropewalk.facts.selinux import (
    FileContext,
    FileContextMapping,
    FileContextRecords,
    SEBoolean,
    SEBooleanKept,
    SEPort,
    SEPortRecords,
    SEPorts,
)

HOSTS = {"user": "system_u", "role": "object_r", "type": "net_conf_t", "level": "s0"}


@pytest.fixture
def programs(read, tmp_path):
    """Put a program in front of the others; return the function that does it."""
    bin = tmp_path / "bin"
    bin.mkdir()
    read.env["PATH"] = f"{bin}:{read.env['PATH']}"

    def put(name, script):
        (bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (bin / name).chmod(0o755)

    return put


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("system_u:object_r:net_conf_t:s0", HOSTS),
        ("a:b:c:s0:c1,c2", {"user": "a", "role": "b", "type": "c", "level": "s0:c1,c2"}),
        ("a:b:c", {"user": "a", "role": "b", "type": "c", "level": ""}),
        ("?", None),
    ],
)
def test_contexts(process, text, context):
    assert process(FileContext, text) == context


def test_the_context_of_a_file(read, tmp_path):
    assert read(FileContext, f"{tmp_path}/it's missing") is None


def test_a_file_without_context(read, programs, tmp_path):
    if read.shell[0] == "busybox":
        pytest.skip("BusyBox has a stat of its own")
    programs("stat", "echo '?'; echo 'failed to get security context' >&2; exit 1")
    assert read(FileContext, str(tmp_path)) is None
    programs("stat", "echo a:b:c:s0")
    assert read(FileContext, str(tmp_path))["type"] == "c"
    programs("stat", "echo 'no such option' >&2; exit 2")
    with pytest.raises(ReadFailed, match="no such option"):
        read(FileContext, str(tmp_path))


FCONTEXT = r"""/etc/hosts                                         regular file       system_u:object_r:net_conf_t:s0
/etc/hosts                                         all files          system_u:object_r:etc_t:s0
/etc/hosts\\.deny                                  regular file       system_u:object_r:net_conf_t:s0
/a-very-long-pattern-that-fills-the-whole-column(/.*)? all files          system_u:object_r:bin_t:s0
/none                                              all files          <<None>>
"""


def test_mappings(read, programs):
    programs("semanage", f"[ \"$*\" = 'fcontext -n -l' ] && cat <<'X'\n{FCONTEXT}X")
    records = read(FileContextRecords, "/etc/hosts")
    assert (records["regular file"], records["all files"]["type"]) == (HOSTS, "etc_t")
    assert read(FileContextMapping, "/etc/hosts")["type"] == "etc_t"
    assert read(FileContextMapping, "/a-very-long-pattern-that-fills-the-whole-column(/.*)?")["type"] == "bin_t"
    for absent in ("/etc/host", "/none", "/etc/.*", "/x'; touch canary"):
        assert read(FileContextMapping, absent) == {}


def test_a_mapping_for_one_kind_of_file(process):
    assert process(FileContextMapping, FCONTEXT.split("\n")[0]) == HOSTS


def test_semanage_that_fails_is_an_error(read, programs):
    programs("semanage", "echo 'SELinux policy is not managed' >&2; exit 1")
    for fact, arguments in ((FileContextMapping, ["/x"]), (SEPort, ["tcp", 1]), (SEPorts, [])):
        with pytest.raises(ReadFailed, match="not managed"):
            read(fact, *arguments)


PORTS = """http_port_t                    tcp      8999, 80, 8008-8010
reserved_port_t                tcp      1-511
ssh_port_t                     tcp      22, 80
unreserved_port_t              tcp      1024-32767
dns_port_t                     udp      53
local:
ssh_port_t                     tcp      80
"""


def test_ports(process):
    records = process(SEPortRecords, PORTS)
    assert (8008, 8010, "http_port_t", False) in records["tcp"]
    assert (80, 80, "ssh_port_t", True) in records["tcp"]
    ports = process(SEPorts, PORTS)
    assert {port: ports["tcp"][port] for port in (22, 80, 81, 8009, 9000)} == {
        22: "ssh_port_t", 80: "ssh_port_t", 81: "reserved_port_t", 8009: "http_port_t", 9000: "unreserved_port_t",
    }  # fmt: skip
    assert ports["udp"] == {53: "dns_port_t"}


@pytest.mark.parametrize(
    ("protocol", "port", "kind"),
    [("tcp", 22, "ssh_port_t"), ("tcp", 80, "ssh_port_t"), ("tcp", 8009, "http_port_t"), ("tcp", 600, ""),
     ("tcp", 9000, "unreserved_port_t"), ("udp", 53, "dns_port_t"), ("udp", 22, ""), ("sctp", 1, "")],
)  # fmt: skip
def test_a_port(read, programs, protocol, port, kind):
    all_ports, _, local = PORTS.partition("local:\n")
    programs("semanage", f"[ \"$4\" = -C ] && echo '{local}' || echo '{all_ports}'")
    assert read(SEPort, protocol, port) == kind


def test_booleans(read, programs):
    programs("getsebool", '[ "$1" = -- ] && [ "$2" = web ] && echo "web --> on" || { echo "no such" >&2; exit 1; }')
    assert read(SEBoolean, "web") == "on"
    with pytest.raises(ReadFailed, match="no such"):
        read(SEBoolean, "mail")


@pytest.mark.parametrize(("text", "value"), [("1", "on"), ("0", "off"), ("0\n1", "on"), ("on", "on")])
def test_booleans_that_were_set_for_good(process, text, value):
    assert process(SEBooleanKept, text) == value
