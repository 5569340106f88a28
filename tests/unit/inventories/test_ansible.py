"""Inventories of Ansible: what is refused, what variables come to, and what those of connections mean."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.inventory import Inventory
from ropewalk.inventories import describe, load_inventory, select
from ropewalk.inventories.ansible.ranges import hosts_in
from ropewalk.inventories.ansible.ssh_args import ssh_data_of
from ropewalk.model.command import Secret
from ropewalk.model.errors import InventoryError, LoadError, UsageError


@pytest.fixture
def load(write: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Inventory]:
    monkeypatch.chdir(write.cwd)
    for name in ("ANSIBLE_INVENTORY", "ANSIBLE_VAULT_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)

    def load(text: str, name: str = "hosts", **options: Any) -> Inventory:
        write(name, text)
        return load_inventory(f"@ansible/{name}", cwd=write.cwd, **options)

    return load


def data(inventory: Inventory, host: str) -> dict[str, Any]:
    return {key: value for key, value in inventory.get_host(host).data.dict().items() if not key.startswith("ansible_")}


# -- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "says", "where"),
    [
        ("hosts", "[web]\nweb1 port\n", "behind the name of a host there is no key=value but port", "hosts:2"),
        ("hosts", "[web\nweb1\n", r"\[web is not a section", "hosts:1"),
        ("hosts", "[web]\nweb1 a='b\n", "cannot be divided into words", "hosts:2"),
        ("hosts", "[web:things]\n", r"\[web:things\] is not a section", "hosts:1"),
        ("hosts", "[my web]\nweb1\n", r"\[my web\] is not a section", "hosts:1"),
        ("hosts", "web1\n[nobody:vars]\na=1\n", "there is no group nobody", "hosts:2"),
        ("hosts", "web1\n[top:children]\nlow\n", "there is no group low", "hosts:3"),
        ("hosts", "web1\n[a:children]\nb\n[b:children]\na\n", "the group a contains itself, through b", "hosts:5"),
        ("hosts", "web1\n[a]\nx\n[a:vars]\nnothing\n", "nothing is not key=value", "hosts:5"),
        ("hosts", "[a]\nx\n[a:vars]\nansible_group_priority=high\n", "is not a number: 'high'", "hosts:4"),
        ("hosts", "web[1:x]\n", r"web\[1:x\] holds no range", "hosts:1"),
        ("hosts", "web[01:100]\n", "have not the same width", "hosts:1"),
        ("hosts", "web[5:1]\n", r"the range in web\[5:1\] is empty", "hosts:1"),
        ("hosts", "# nothing\n", "there is no host in the inventory hosts", None),
        ("hosts", "#!/bin/sh\necho\n", "begins with #! and cannot be executed", "hosts:1"),
        ("i.yml", "web: [web1]\n", "the group web is not a mapping", "i.yml:1"),
        ("i.yml", "web:\n  hosts: [web1]\n", "hosts is a list, not a mapping", "i.yml:2"),
        ("i.yml", "web:\n  hosts:\n    web1: 3\n", "the variables of web1 are a int", "i.yml:3"),
        ("i.yml", "plugin: amazon.aws.aws_ec2\n", "configures the inventory plugin amazon.aws.aws_ec2", "i.yml:1"),
        ("i.yml", "- web1\n", "i.yml is not an inventory", "i.yml"),
        ("i.yml", "web: {\n", "is not YAML", "i.yml:2"),
        ("i.toml", "[web]\n", "TOML is read by Ansible alone", "i.toml"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_line(
    load: Any, name: str, text: str, says: str, where: str | None
) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        load(text, name)
    assert isinstance(caught.value, InventoryError | LoadError)
    assert caught.value.where == where


def test_a_part_of_a_group_that_means_nothing_is_warned_of(load: Any, noted: list[str]) -> None:
    load("web:\n  hosts: web1\n  var: {a: 1}\n", "i.yml")
    assert noted == ["warning: i.yml:3: var of the group web means nothing: ignored"]


@pytest.mark.parametrize(
    ("text", "says"),
    [("- a", "holds a list, not variables"), ("a: [", "is not YAML")],
)
def test_files_of_variables_that_hold_none(load: Any, write: Any, text: str, says: str) -> None:
    write("group_vars/all.yml", text)
    with pytest.raises(LoadError, match=says):
        load("web1")


def test_a_path_that_is_not_there(load: Any, write: Any) -> None:
    write("production", "web1")
    with pytest.raises(InventoryError, match="there is no inventory prodution") as caught:
        load_inventory("@ansible/prodution", cwd=write.cwd)
    assert caught.value.hint == "did you mean production?"


def test_a_bare_address_is_what_ansible_would_read(load: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InventoryError, match="@ansible names no inventory"):
        load_inventory("@ansible", cwd=write.cwd)
    write("one", "web1"), write("two", "web2")
    write("ansible.cfg", "[defaults]\ninventory = one, two\n")
    assert [host.name for host in load_inventory("@ansible", cwd=write.cwd)] == ["web1", "web2"]
    monkeypatch.setenv("ANSIBLE_INVENTORY", "two")
    assert [host.name for host in load_inventory("@ansible", cwd=write.cwd)] == ["web2"]


# -- names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "names", "port"),
    [
        ("web1", ["web1"], None), ("web1:22", ["web1"], 22), ("10.0.0.1:22", ["10.0.0.1"], 22),
        ("[::1]:22", ["::1"], 22), ("[2001:db8::1]", ["2001:db8::1"], None), ("2001:db8::1", ["2001:db8::1"], None),
        ("w[:2]", ["w0", "w1", "w2"], None),
        ("w[a:c]", ["wa", "wb", "wc"], None), ("w[0:9:4].x:5", ["w0.x", "w4.x", "w8.x"], 5),
        ("[a:b][1:2]", ["a1", "a2", "b1", "b2"], None),
    ],
)  # fmt: skip
def test_names_with_ranges_and_ports(pattern: str, names: list[str], port: int | None) -> None:
    assert hosts_in(pattern, "x") == (names, port)


# -- variables that refer to others -----------------------------------------------------------------------


def test_templates_are_worked_out_with_all_that_a_host_has(load: Any, write: Any) -> None:
    write("group_vars/all.yml", """
        url: "https://{{ name }}:{{ port }}"
        ports: ["{{ port }}", {deep: "{{ port + 1 }}"}]
        pure: "{{ ports[1].deep }}"
        short: "{{ inventory_hostname_short }} {{ group_names | join(',') }}"
        other: "{{ hostvars['db1.x'].port }} {{ groups['db'] | join(' ') }}"
        from_env: "{{ lookup('env', 'WHERE') | default('nowhere', true) }}"
        loop_a: "{{ loop_b }}"
        loop_b: "{{ loop_a }}"
        missing: "{{ nobody }}"
        filtered: "{{ port | to_nice_yaml }}"
        raw: !unsafe "{{ name }}"
        """)  # fmt: skip
    inventory = load("[web]\nweb1.x name=one port=80\n[db]\ndb1.x name=two port=5432\n", override={"name": "given"})
    host = inventory.get_host("web1.x")
    assert host.data.url == "https://given:80"
    assert host.data.ports == [80, {"deep": 81}]
    assert (host.data.pure, host.data.short, host.data.other) == (81, "web1 web", "5432 db1.x")
    assert (host.data.from_env, host.data.raw) == ("nowhere", "{{ name }}")
    for name, says in (
        ("loop_a", "refers to itself"), ("missing", "'nobody' is undefined"), ("filtered", "to_nice_yaml")
    ):  # fmt: skip
        with pytest.raises(InventoryError, match=says) as caught:
            getattr(host.data, name)
        assert str(caught.value.where).startswith("group_vars/all.yml:")
    described = describe(inventory, [host])[0]["data"]
    assert described["missing"] == "('{{ nobody }}' cannot be worked out: 'nobody' is undefined)"


def test_a_template_of_a_group_can_be_replaced_in_group_data(load: Any, write: Any) -> None:
    write("group_data/web.py", "where = 'group data'")
    inventory = load("[web]\nweb1\n[web:vars]\nwhere={{ inventory_hostname }}\nalso={{ where }}\n")
    assert data(inventory, "web1") == {"where": "group data", "also": "group data"}


def test_templates_reach_nothing_but_data(load: Any) -> None:
    host = load("web1 bad=\"{{ ''.__class__.__mro__ }}\"").get_host("web1")
    with pytest.raises(InventoryError, match="cannot be worked out"):
        _ = host.data.bad


# -- connections ------------------------------------------------------------------------------------------


def test_variables_of_ssh(load: Any) -> None:
    inventory = load(
        "[web]\nweb1 ansible_host=192.0.2.1 ansible_port=2222 ansible_user=admin ansible_password=hush\n"
        "web2 ansible_ssh_private_key_file=~/.ssh/two ansible_host_key_checking=False ansible_ssh_user=old\n"
        "[web:vars]\nansible_user=group\nansible_ssh_common_args='-o ProxyJump=gate -o ControlMaster=auto -p 9'\n"
    )
    assert data(inventory, "web1") == {
        "ssh_hostname": "192.0.2.1", "ssh_port": 2222, "ssh_user": "admin", "ssh_password": Secret("hush"),
        "ssh_jump": "gate",
    }  # fmt: skip
    assert data(inventory, "web2") == {
        "ssh_key": "~/.ssh/two", "ssh_strict_host_key_checking": "off", "ssh_user": "old",
        "ssh_jump": "gate", "ssh_port": 9,
    }  # fmt: skip
    assert "hush" not in str(describe(inventory, inventory))


def test_what_is_said_in_our_own_words_wins(load: Any, write: Any) -> None:
    write("group_data/all.py", "ssh_user = 'ours'")
    inventory = load("web1 ansible_user=theirs ansible_port=1 ssh_port=2")
    assert data(inventory, "web1") == {"ssh_user": "ours", "ssh_port": 2}


@pytest.mark.parametrize(
    ("variables", "scheme", "expected"),
    [
        ("ansible_connection=local", "local", {}),
        ("ansible_connection=docker", "docker", {"docker_identifier": "h"}),
        ("ansible_connection=community.docker.docker ansible_host=box", "docker", {"docker_identifier": "box"}),
        ("ansible_connection=containers.podman.podman", "podman", {"docker_identifier": "h"}),
        ("ansible_connection=chroot ansible_host=/srv/root", "chroot", {"chroot_directory": "/srv/root"}),
        ("ansible_connection=kubectl ansible_kubectl_pod=p ansible_kubectl_namespace=n", "kubectl",
         {"kubectl_pod": "p", "kubectl_namespace": "n"}),
        ("ansible_connection=community.general.lxd", "lxd", {"lxd_instance": "h"}),
        ("ansible_connection=smart", "ssh", {}),
        ("ansible_connection=winrm", "ansible", {}),
        ("ansible_shell_executable=/bin/bash", "ssh", {"_shell_executable": "/bin/bash"}),
        ("ansible_become=yes", "ssh", {"_sudo": True}),
        ("ansible_become=no", "ssh", {"_sudo": False}),
        ("ansible_become=true ansible_become_user=app ansible_become_password=p", "ssh",
         {"_sudo": True, "_sudo_user": "app", "_sudo_password": Secret("p")}),
        ("ansible_become_pass=p", "ssh", {"_sudo_password": Secret("p")}),
        ("ansible_become=true ansible_become_flags='-H -S -n -i'", "ssh", {"_sudo": True, "_use_sudo_login": True}),
        ("ansible_become=true ansible_become_method=su ansible_become_pass=p", "ssh",
         {"_su_user": "root", "_su_password": Secret("p")}),
        ("ansible_become=true ansible_become_method=doas ansible_become_user=u", "ssh",
         {"_doas": True, "_doas_user": "u"}),
        ("ansible_python_interpreter=/usr/bin/python3", "ssh", {}),
    ],
)  # fmt: skip
def test_connections_and_users(load: Any, variables: str, scheme: str, expected: dict[str, Any]) -> None:
    inventory = load(f"h {variables}")
    assert (inventory.get_host("h").scheme, data(inventory, "h")) == (scheme, expected)


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ("ansible_port=ssh", "h: ansible_port is not a number but 'ssh'"),
        ("ansible_host='{{ ec2_ip }}'", "h: ansible_host: '{{ ec2_ip }}' cannot be worked out: 'ec2_ip' is undefined"),
        ("ansible_ssh_common_args='-o Port=x'", "'x' is not a number"),
    ],
)
def test_variables_of_connections_that_make_no_sense(load: Any, variables: str, says: str) -> None:
    with pytest.raises(InventoryError, match=says) as caught:
        load(f"h {variables}")
    assert caught.value.where == "hosts:1"


def test_what_has_no_meaning_here_is_told_once(load: Any, noted: list[str]) -> None:
    load(
        "a\nb\n[all:vars]\nansible_ssh_common_args=-o LocalForward=1 -W x\nansible_become=yes\n"
        "ansible_become_flags=-Z\n"
    )
    assert noted == [
        "warning: hosts:4: localforward for ssh has no meaning here: ignored",
        "warning: hosts:4: -W for ssh has no meaning here: ignored",
        "warning: hosts:6: -Z for sudo has no meaning here: ignored",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-J a,b", {"ssh_jump": "a,b"}), ("-Ja", {"ssh_jump": "a"}), ("-o ProxyJump=a -J b", {"ssh_jump": "a"}),
        ("-oProxyJump=none", {"ssh_jump": ""}),
        ('-o ProxyCommand="ssh -W %h:%p -q jump@gate"', {"ssh_jump": "jump@gate"}),
        ('-o ProxyCommand="ssh -p 2222 -l me -W %h:%p gate"', {"ssh_jump": "me@gate:2222"}),
        ('-o ProxyCommand="ssh -i key -W %h:%p gate"', {"ssh_proxy_command": "ssh -i key -W %h:%p gate"}),
        ('-o "ProxyCommand nc -x proxy %h %p"', {"ssh_proxy_command": "nc -x proxy %h %p"}),
        ("-o ProxyCommand=none", {"ssh_proxy_command": "none"}),
        ("-p 2222 -i ~/k -l me -A -F cfg", {"ssh_port": 2222, "ssh_key": "~/k", "ssh_user": "me",
                                           "ssh_forward_agent": True, "ssh_config_file": "cfg"}),
        ("-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
         {"ssh_strict_host_key_checking": "off", "ssh_known_hosts_file": "/dev/null"}),
        ("-C -o ControlPersist=60s -o ServerAliveInterval=30 -vvv", {"ssh_keepalive_interval": 30}),
        ("", {}),
    ],
)  # fmt: skip
def test_options_of_ssh(text: str, expected: dict[str, Any]) -> None:
    warned: list[str] = []
    assert ssh_data_of(text, "x", warned.append) == expected
    assert warned == []


def ropewalk(cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ropewalk", "--no-history", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_a_host_that_only_ansible_can_reach_is_unreachable_and_the_others_are_not(write: Any) -> None:
    write("hosts", "win ansible_connection=winrm\nhere ansible_connection=local\n")
    done = ropewalk(write.cwd, "@ansible/hosts", "exec", "--", "true")
    assert (done.returncode, "there is no connector for the connection winrm" in done.stderr) == (4, True)
    assert ropewalk(write.cwd, "--limit", "here", "@ansible/hosts", "exec", "--", "true").returncode == 0


# -- with everything else ---------------------------------------------------------------------------------


def test_hosts_of_ansible_compose(load: Any, write: Any) -> None:
    write("hosts", "[web]\nweb1 a=1\nweb2\n[web:vars]\nb=2\n[all:vars]\nc=3\n")
    write("inventory.py", 'own = [("@ansible/hosts", {"a": "ours"}), "@docker/x"]\nweb = (["web9"], {"b": "ours"})\n')
    inventory = load_inventory("inventory.py", cwd=write.cwd)
    assert data(inventory, "web1") == {"a": "ours", "b": "ours", "c": 3}
    assert data(inventory, "@docker/x") == {"docker_identifier": "x"}
    assert [host.name for host in select(inventory, ["web"], [])] == ["web1", "web2", "web9"]
    behind = load_inventory("@ssh/gate/@ansible/hosts,@local", cwd=write.cwd)
    assert [(host.name, host.data.get("ssh_jump")) for host in behind] == [
        ("web1", "gate"), ("web2", "gate"), ("@local", None)
    ]  # fmt: skip


# -- programs ---------------------------------------------------------------------------------------------


@pytest.fixture
def program(write: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    monkeypatch.chdir(write.cwd)

    def program(name: str, listing: str, *more: str) -> Path:
        path: Path = write(
            name, "#!/bin/sh\n" + "\n".join((f"[ \"$1\" = --list ] && echo '{listing}'", *more, "exit 0"))
        )
        path.chmod(0o755)
        return path

    return program


def test_a_program_is_an_inventory(program: Any, write: Any) -> None:
    program(
        "cloud", '{"web": {"hosts": ["web1"], "vars": {"a": "{{ b }}"}}, "_meta": {"hostvars": {"web1": {"b": 5}}}}'
    )
    for argument in ("./cloud", "cloud", "@ansible/cloud", "@ansible/./cloud", f"@ansible/{write.cwd}/cloud"):
        inventory = load_inventory(argument, cwd=write.cwd)
        assert (data(inventory, "web1"), [host.name for host in inventory.groups["web"]]) == (
            {"a": 5, "b": 5},
            ["web1"],
        )


def test_what_ends_in_py_is_python_whatever_its_rights(program: Any, write: Any) -> None:
    program("cloud.py", '{"web": ["web1"]}')
    with pytest.raises(LoadError, match=r"cloud\.py cannot be loaded"):
        load_inventory("cloud.py", cwd=write.cwd)
    assert [host.name for host in load_inventory("@ansible/cloud.py", cwd=write.cwd)] == ["web1"]
    write("ec2.py", "#!/usr/bin/env python3\nif __name__ == '__main__':\n    print('{}')\n").chmod(0o755)
    with pytest.raises(InventoryError, match=r"there is no host in the inventory ec2\.py") as caught:
        load_inventory("ec2.py", cwd=write.cwd)
    assert str(caught.value.hint).endswith("@ansible/ec2.py")


def test_a_file_that_may_be_executed_but_is_no_script_is_python(write: Any) -> None:
    write("hosts", "web = ['web1']\n").chmod(0o755)
    assert [host.name for host in load_inventory("hosts", cwd=write.cwd)] == ["web1"]


@pytest.mark.parametrize(
    ("listing", "says"),
    [
        ("nothing", "what cloud prints is not JSON"), ("[]", "what cloud prints is a list, not an object"),
        ('{"web": 3}', "the group web is a int"), ('{"web": {"hosts": "web1"}}', "the hosts of web are not a list"),
        ('{"_meta": []}', "_meta is a list"), ("{}", "there is no host in the inventory"),
        ('{"web": ["w"], "_meta": {"hostvars": {"w": 3}}}', "what it says of w is a int"),
        ('{"a": {"children": ["b"]}, "b": {"children": ["a"]}}', "contains itself"),
    ],
)  # fmt: skip
def test_a_program_that_prints_something_else(program: Any, write: Any, listing: str, says: str) -> None:
    program("cloud", listing)
    with pytest.raises(UsageError, match=says):
        load_inventory("./cloud", cwd=write.cwd)


def test_a_program_that_fails(program: Any, write: Any) -> None:
    program("cloud", '{"web": ["web1"]}', '[ "$1" = --list ] || { echo "no such host" >&2; exit 3; }')
    with pytest.raises(InventoryError, match=r"cloud --host web1 failed in .*: no such host"):
        load_inventory("./cloud", cwd=write.cwd)


# -- ansible-vault and ansible-inventory ------------------------------------------------------------------

ENCRYPTED = "$ANSIBLE_VAULT;1.1;AES256\n61626364\n"


@pytest.fixture
def with_vault(program: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a stand-in of ``ansible-vault`` into PATH, which takes the words of the real one and decrypts one text."""
    words = "[ \"$*\" = 'decrypt --output -' ] || exit 2"
    said = f"[ \"$(cat)\" = '{ENCRYPTED.strip()}' ] && printf 'token: sesame' && exit 0"
    program("bin/ansible-vault", "", words, said, 'echo "Decryption failed" >&2; exit 1')
    monkeypatch.setenv("PATH", f"{write.cwd}/bin:/usr/bin:/bin")


def test_an_encrypted_file_is_decrypted_and_not_shown(with_vault: None, load: Any, write: Any) -> None:
    write("group_vars/all.yml").write_text(ENCRYPTED)
    inventory = load('web1 dsn="x-{{ token }}"')
    host = inventory.get_host("web1")
    assert (host.data.token, host.data.dsn) == ("sesame", "x-sesame")
    assert describe(inventory, [host])[0]["data"] == {"token": "*****", "dsn": "*****"}


def test_an_encrypted_value_is_decrypted_when_it_is_used(with_vault: None, load: Any, write: Any) -> None:
    text = "all:\n  hosts:\n    web1:\n      ok: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        61626364\n"
    inventory = load(text + "      bad: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        00\n", "i.yml")
    host = inventory.get_host("web1")
    assert host.data.ok == "token: sesame"
    with pytest.raises(InventoryError, match=r"i\.yml:7 cannot be decrypted: .*Decryption failed"):
        _ = host.data.bad
    assert describe(inventory, [host])[0]["data"] == {"ok": "*****", "bad": "*****"}


def test_without_the_program_an_encrypted_file_is_one_clear_error(
    load: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    write("host_vars/web1").write_text(ENCRYPTED.replace("6162", "6163"))
    with pytest.raises(InventoryError, match="host_vars/web1 cannot be decrypted: cannot run ansible-vault") as caught:
        load("web1")
    assert "ANSIBLE_VAULT_PASSWORD_FILE" in str(caught.value.hint)


def test_what_is_decrypted_stays_out_of_reports(with_vault: None, write: Any) -> None:
    write("group_vars/all.yml").write_text(ENCRYPTED)
    write("hosts", "here ansible_connection=local")
    write("deploy.py", "from ropewalk import host\nfrom ropewalk.operations import server\n"
                       "server.shell('echo my ' + host.data.token)\n")  # fmt: skip
    done = ropewalk(write.cwd, "-y", "-vvv", "@ansible/hosts", "deploy.py")
    assert (done.returncode, "sesame" in done.stdout + done.stderr) == (0, False)
    assert "my *****" in done.stderr


def test_through_ansible_inventory(program: Any, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    exported = '{"_meta": {"hostvars": {"w": {}}}, "web": {"hosts": ["w"], "vars": {"a": 1, "b": 1}}}'
    variables = '{"a": 1, "b": 2, "t": {"__ansible_unsafe": "{{ x }}"}}'
    flat = f'{{"_meta": {{"hostvars": {{"w": {variables}}}}}, "web": {{"hosts": ["w"]}}}}'
    program("bin/ansible-inventory", "", f"[ \"$*\" = '-i aws.yml --list --export' ] && echo '{exported}'",
            f"[ \"$*\" = '-i aws.yml --list' ] && echo '{flat}'")  # fmt: skip
    monkeypatch.setenv("PATH", f"{write.cwd}/bin:/usr/bin:/bin")
    write("group_data/web.py", "a = 'ours'")
    inventory = load_inventory("@ansible-inventory/aws.yml", cwd=write.cwd)
    assert data(inventory, "w") == {"a": "ours", "b": 2, "t": "{{ x }}"}


def test_without_ansible_inventory(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(InventoryError, match="cannot run ansible-inventory -i x --list"):
        load_inventory("@ansible-inventory/x", cwd=write.cwd)


def test_paths_are_relative_to_the_directory_that_is_given(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write("work/hosts", "web1")
    write("work/group_vars/all", "a: 1")
    monkeypatch.chdir("/")
    inventory = load_inventory("@ansible/hosts", cwd=write.cwd / "work")
    assert data(inventory, "web1") == {"a": 1}
    assert Path.cwd() == Path("/")
