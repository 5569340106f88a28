"""The matrix: operations through the whole engine on a copy of this machine, by the real programs.

Each case is planned (nothing is touched), applied, looked at by the program itself, planned and applied again (there is
nothing to do), undone, and looked at again. ``test_matrix_files_real.py`` has the files.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ropewalk.api import Secret
from ropewalk.operations import (
    crontab,
    git,
    gpg,
    iptables,
    openrc,
    postgresql,
    runit,
    selinux,
    server,
    ssh,
    sysvinit,
    zfs,
)
from support.box import Box, why_not
from support.boxed_runs import IDENTITIES, POSTGRES, Case, named, prove

pytestmark = [pytest.mark.root, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILkMBBcxRkoVTDW1TJI6zY3Iwi0Ac/pSrWzO5PE/HXOv ada@desk"
ODD = 'it\'s "odd"; $(x)'


@pytest.fixture(scope="module", params=IDENTITIES)
def identity(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def box(identity: str) -> Iterator[Box]:
    made = Box()
    yield made
    made.close()


def user() -> None:
    server.group(group="th-crew", gid=4711)
    server.user(
        user="th-ada", shell="/bin/sh", uid=4242, groups=["th-crew"], comment=ODD, public_keys=KEY,
        home="/home/th ada", password=Secret("$6$salt$hash"),
    )  # fmt: skip
    server.user_authorized_keys(user="th-ada", public_keys=KEY, authorized_key_directory="/srv/th keys")
    server.user_authorized_keys(user="th-ada", public_keys=KEY.replace("ada@desk", "other").replace("AAAAIL", "AAAAIM"))


def no_user() -> None:
    server.user(user="th-ada", present=False)
    server.group(group="th-crew", present=False)


def settings() -> None:
    server.etc_hosts(ip="10.1.2.3", hostnames=["th-db.internal", "th-db"])
    server.security_limit(domain="@th-crew", limit_type="-", item="nofile", value=4711)
    server.sysctl(key="net.ipv4.ip_default_ttl", value=63, persist=True)


def no_settings() -> None:
    server.etc_hosts(ip="10.1.2.3", present=False)
    server.security_limit(domain="@th-crew", limit_type="-", item="nofile", value=1024)
    server.sysctl(key="net.ipv4.ip_default_ttl", value=64, persist=True)


def hostname() -> None:
    server.hostname(hostname="th-web-1.example.net")


def other_hostname() -> None:
    server.hostname(hostname="th-web-2")


def mount() -> None:
    server.mount(path="/mnt/th a", device="none", fs_type="tmpfs", options=["noexec", "size=1024k"])


def no_mount() -> None:
    server.mount(path="/mnt/th a", mounted=False)


def timezone() -> None:
    server.timezone(timezone="Europe/Paris")


def other_timezone() -> None:
    server.timezone(timezone="Etc/UTC")


def cron() -> None:
    crontab.crontab(command=f"echo {ODD}", cron_name="th job", minute="*/5", hour=[1, 2])
    crontab.crontab(command="true", special_time="@daily", user="nobody")


def no_cron() -> None:
    crontab.crontab(command="", cron_name="th job", present=False)
    crontab.crontab(command="true", user="nobody", present=False)


def repositories() -> None:
    git.bare_repo(path="/srv/th bare.git")
    git.config(key="th.note", value=ODD)
    git.repo(src="/srv/th-src", dest="/srv/th clone", branch="main")
    git.worktree(worktree="/srv/th tree", repo="/srv/th clone", commitish="v1")


def no_repositories() -> None:
    git.bare_repo(path="/srv/th bare.git", present=False)
    git.worktree(worktree="/srv/th tree", repo="/srv/th clone", present=False)


def keyring() -> None:
    gpg.key(src="/run/th.asc", dest="/etc/apt/keyrings/th key.gpg")
    gpg.dearmor(src="/run/th.asc", dest="/etc/th.gpg")


def no_keyring() -> None:
    gpg.key(dest="/etc/apt/keyrings/th key.gpg", present=False)


def firewall() -> None:
    for version in (4, 6):
        iptables.chain(chain="TH", version=version)
        iptables.rule(
            chain="TH", jump="ACCEPT", protocol="tcp", destination_port=22, version=version,
            extras='-m comment --comment "it\'s; $(x)"',
        )  # fmt: skip


def no_firewall() -> None:
    for version in (4, 6):
        iptables.rule(
            chain="TH", jump="ACCEPT", protocol="tcp", destination_port="ssh", version=version,
            extras='-m comment --comment "it\'s; $(x)"', present=False,
        )  # fmt: skip
        iptables.chain(chain="TH", version=version, present=False)


def policy() -> None:
    selinux.port(protocol="tcp", port_num=8998, se_type="http_port_t")
    selinux.file_context_mapping(target="/srv/th(/.*)?", se_type="bin_t")


def no_policy() -> None:
    selinux.port(protocol="tcp", port_num=8998, present=False)
    selinux.file_context_mapping(target="/srv/th(/.*)?", present=False)


def init_script() -> None:
    sysvinit.service(service="th-thing", enabled=True)


def no_init_script() -> None:
    sysvinit.service(service="th-thing", running=False, enabled=False)


def open_rc() -> None:
    openrc.service(service="th-thing", enabled=True)


def no_open_rc() -> None:
    openrc.service(service="th-thing", running=False, enabled=False)


SV = {"svdir": "/sv dir", "sourcedir": "/run/sv"}


def supervised() -> None:
    runit.service(service="th-one", running=False, **SV)
    runit.manage(service="th-two", **SV)
    runit.auto(service="th-two", auto=False, sourcedir="/run/sv")


def not_supervised() -> None:
    runit.service(service="th-one", managed=False, **SV)
    runit.manage(service="th-two", managed=False, **SV)
    runit.auto(service="th-two", sourcedir="/run/sv")


def known_host() -> None:
    ssh.keyscan(hostname="127.0.0.1", port=2222)


ROLE = {"psql_host": "/run/pg", "psql_user": "postgres"}


def old_names() -> None:
    postgresql.role(role=ODD, password=Secret("x'y"), createdb=True, **ROLE)
    postgresql.database(database=ODD, owner=ODD, **ROLE)


def no_old_names() -> None:
    postgresql.database(database=ODD, present=False, **ROLE)
    postgresql.role(role=ODD, present=False, **ROLE)


def datasets() -> None:
    zfs.filesystem(fs_name="tank/th a", recursive=True, atime=False, properties={"th:note": ODD}, _retries=1)
    zfs.volume(volume_name="tank/vol", size=1073741824, sparse=True)
    zfs.snapshot(snapshot_name="tank/th a@one")
    zfs.dataset(dataset_name="tank/th a", quota="1G")


def no_datasets() -> None:
    zfs.snapshot(snapshot_name="tank/th a@one", present=False)
    zfs.dataset(dataset_name="tank/vol", present=False)
    zfs.dataset(dataset_name="tank/th a", present=False, recursive=True)


#: Stands in for zfs(8), which Debian's main archive has not: it keeps properties in files, and takes these words only.
ZFS = r"""mkdir -p /run/zfs && cat >/usr/local/sbin/zfs <<'END' && chmod 755 /usr/local/sbin/zfs
#!/bin/sh
command=$1 kind=filesystem; shift
for name; do :; done
file=/run/zfs/$(printf %s "$name" | tr / =)
case $command in
get) [ "$1 $2 $3 $4" = "-H -p -- all" ] || exit 2
    [ -f "$file" ] || { echo "cannot open '$name': dataset does not exist" >&2; exit 1; }
    while IFS== read -r key value; do printf '%s\t%s\t%s\tlocal\n' "$name" "$key" "$value"; done <"$file" ;;
create | snapshot)
    [ $command = create ] || kind=snapshot
    while getopts o:psrV: option; do
        case $option in o) echo "$OPTARG" ;; V) kind=volume; echo "volsize=$OPTARG" ;; p | s | r) ;; *) exit 2 ;; esac
    done >"$file"; echo "type=$kind" >>"$file" ;;
set) for value; do [ "$value" = "$name" ] || echo "$value"; done >>"$file" ;;
destroy) rm "$file" ;;
*) exit 2 ;;
esac
END
"""
GPG_KEY = """
export GNUPGHOME=/run/th-gpg; mkdir -m 700 /run/th-gpg
gpg --batch --quiet --passphrase '' --quick-generate-key th@example.org ed25519 default never
gpg --batch --quiet --armor --export th@example.org >/run/th.asc; gpgconf --kill all
"""
SOURCE = """
git -c init.defaultBranch=main init -q /srv/th-src && cd /srv/th-src
git -c user.name=x -c user.email=x@x commit -q --allow-empty -m 1 && git tag v1
git -c user.name=x -c user.email=x@x commit -q --allow-empty -m 2
"""
INIT_SCRIPT = """cat >/etc/init.d/th-thing <<'END' && chmod 755 /etc/init.d/th-thing
#!/bin/sh
### BEGIN INIT INFO
# Provides: th-thing
# Required-Start:
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
### END INIT INFO
case $1 in
start) touch /run/th-thing ;;
stop) rm -f /run/th-thing ;;
status) [ -f /run/th-thing ] || exit 3 ;;
*) exit 2 ;;
esac
END
"""
SERVICES = """mkdir -p /run/sv/th-one '/sv dir' && printf '#!/bin/sh\\nexec sleep 1000\\n' >/run/sv/th-one/run
chmod 755 /run/sv/th-one/run; cp -r /run/sv/th-one /run/sv/th-two
setsid runsvdir -P '/sv dir' </dev/null >/dev/null 2>&1 &
"""
SSHD = """mkdir -p /run/sshd /root/.ssh && rm -f /root/.ssh/known_hosts
ssh-keygen -q -t ed25519 -N '' -f /run/sshd/key && /usr/sbin/sshd -f /dev/null -p 2222 -o ListenAddress=127.0.0.1 \
    -o HostKey=/run/sshd/key -o PidFile=/run/sshd/pid -E /run/sshd/log
"""

CASES = [
    Case(
        ("server.group", "server.user", "server.user_authorized_keys"), user,
        "getent passwd th-ada | grep -Fx \"th-ada:x:4242:$(getent group th-ada | cut -d: -f3):it's \\\"odd\\\"; \\$(x):"
        "/home/th ada:/bin/sh\" && id -Gn th-ada | grep -w th-crew && grep -Fx 'th-ada:$6$salt$hash' "
        "<<E && [ \"$(stat -c '%U %G %a' '/srv/th keys/authorized_keys')\" = "
        "'th-ada th-ada 600' ] && [ \"$(wc -l <'/home/th ada/.ssh/authorized_keys')\" = 2 ]"
        "\n$(cut -d: -f1,2 /etc/shadow)\nE\n",
        no_user,
    ),
    Case(
        ("server.etc_hosts", "server.security_limit", "server.sysctl"), settings,
        "getent hosts th-db | grep -w 10.1.2.3 && grep -x '@th-crew.-.nofile.4711' /etc/security/limits.conf && "
        "[ $(sysctl -n net.ipv4.ip_default_ttl) = 63 ] && grep -rx 'net.ipv4.ip_default_ttl *= *63' /etc/sysctl*",
        no_settings, prepare="mkdir -p /etc/security && touch /etc/security/limits.conf",
    ),
    Case(("server.hostname",), hostname, "[ $(hostname) = th-web-1.example.net ]", other_hostname),
    Case(("server.mount",), mount, "findmnt -no OPTIONS '/mnt/th a' | grep -w noexec", no_mount,
         prepare="mkdir '/mnt/th a'"),
    Case(("server.timezone",), timezone, "[ \"$(date +%Z)\" != UTC ] && grep -x Europe/Paris /etc/timezone",
         other_timezone,
         prepare="[ -e /usr/share/zoneinfo/Europe/Paris ] && ln -sf /usr/share/zoneinfo/Etc/UTC /etc/localtime && "
                 "echo Etc/UTC >/etc/timezone"),
    Case(("crontab.crontab",), cron, "crontab -l | grep -Fx '*/5 1,2 * * * echo it'\\''s \"odd\"; $(x)' && "
         "crontab -l -u nobody | grep -Fx '@daily true'", no_cron, needs=("crontab",)),
    Case(
        ("git.bare_repo", "git.config", "git.repo", "git.worktree"), repositories,
        "[ \"$(git -C '/srv/th bare.git' rev-parse --is-bare-repository)\" = true ] && "
        "[ \"$(git config --global th.note)\" = \"it's \\\"odd\\\"; \\$(x)\" ] && "
        "[ $(git -C '/srv/th clone' rev-parse HEAD) = $(git -C /srv/th-src rev-parse main) ] && "
        "[ $(git -C '/srv/th tree' rev-parse HEAD) = $(git -C /srv/th-src rev-parse v1) ]",
        no_repositories, needs=("git",), prepare=SOURCE,
    ),
    Case(("gpg.key", "gpg.dearmor"), keyring, "gpg --show-keys '/etc/apt/keyrings/th key.gpg' | grep th@example.org && "
         "gpg --show-keys /etc/th.gpg | grep th@example.org", no_keyring, needs=("gpg",), prepare=GPG_KEY),
    Case(
        ("iptables.chain", "iptables.rule"), firewall,
        "for p in iptables ip6tables; do $p -S TH | grep -e '-p tcp.*--dport 22 .*ACCEPT' || exit; done", no_firewall,
        needs=("iptables", "ip6tables"),
    ),
    Case(
        ("selinux.port", "selinux.file_context_mapping"), policy,
        "semanage port -ln | grep -w 8998 && semanage fcontext -ln | grep '/srv/th(/.\\*)?.*bin_t'", no_policy,
        needs=("semanage",),
    ),
    Case(("sysvinit.service",), init_script, "[ -e /run/th-thing ] && ls /etc/rc2.d/S??th-thing", no_init_script,
         needs=("update-rc.d",), prepare=INIT_SCRIPT),
    Case(("openrc.service",), open_rc, "rc-service th-thing status && rc-update show default | grep th-thing",
         no_open_rc, needs=("rc-service",),
         prepare=f"{INIT_SCRIPT}mkdir -p /run/openrc && touch /run/openrc/softlevel"),
    Case(("runit.manage", "runit.service", "runit.auto"), supervised,
         "SVDIR='/sv dir' sv status th-one | grep ^down && [ -e /run/sv/th-two/down ] && "
         "[ -L '/sv dir/th-two' ]",
         not_supervised, needs=("sv", "runsvdir"), prepare=SERVICES),
    Case(("zfs.filesystem", "zfs.volume", "zfs.snapshot", "zfs.dataset"), datasets,
         "cd /run/zfs && [ $(ls | wc -l) = 3 ] && grep -x atime=off 'tank=th a' && grep -x quota=1G 'tank=th a' && "
         "grep -Fx \"th:note=it's \\\"odd\\\"; \\$(x)\" 'tank=th a' && grep -x type=volume tank=vol",
         no_datasets, prepare=ZFS),
    Case(("ssh.keyscan",), known_host, "ssh-keygen -F '[127.0.0.1]:2222'", needs=("ssh-keyscan",), prepare=SSHD),
    Case(
        ("postgresql.role", "postgresql.database"), old_names,
        "psql -XAt -h /run/pg -U postgres -c \"SELECT datname FROM pg_database JOIN pg_roles r ON datdba = r.oid WHERE "
        "rolcreatedb AND rolname = datname\" | grep -Fx \"it's \\\"odd\\\"; \\$(x)\"",
        no_old_names, needs=("psql", "setpriv"), prepare=POSTGRES,
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=named(CASES))
def test_plan_apply_and_undo(box: Box, case: Case, identity: str) -> None:
    prove(box, case, identity)
