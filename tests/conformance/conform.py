#!/usr/bin/env python3
"""conform.py - runs the conformance cases against a command line tool.

    conform.py --tool 'CMD' [--cases DIR] [--area A] [--only NAME] [--jobs N] [--json OUT] [--python CMD]
               [--split FILE:PART]

CMD may be several words. Each case runs in a fresh copy of its directory. Cases that need ssh or sudo get one private
sshd on 127.0.0.1 (free port, generated keys) and three temporary users; this needs root, and is removed at the end.
Exit status: 0 if nothing failed, 1 if a case failed, 2 for a usage error, 130 when interrupted. Format: README.md.
"""

import argparse
import fcntl
import fnmatch
import json
import os
import pwd
import re
import secrets
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import termios
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
PLACE = re.compile(
    r"\{(tool|yes|python|trace|mark|work|password|host|port|dead_port|key|user|sudo_user|pw_user|known_hosts)\}"
)
STOP = threading.Event()


# ---------------------------------------------------------------- processes
def proc_pids():
    return [int(p) for p in os.listdir("/proc") if p.isdigit()]


def cmdline(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def is_zombie(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX"
    except (OSError, IndexError):
        return True


def session_of(pid):
    try:
        return os.getsid(pid)
    except OSError:
        return None


def pids_with(pattern):
    """Live processes whose command line matches the pattern (which always holds this case's own random mark)."""
    rx = re.compile(pattern)
    return [p for p in proc_pids() if p != os.getpid() and rx.search(cmdline(p)) and not is_zombie(p)]


def case_pids(child, mark):
    """Every process this case started: its session, or one that carries the mark in its arguments or environment."""
    found = []
    needle = f"CASE_MARK={mark}\0".encode()
    for p in proc_pids():
        if p == os.getpid():
            continue
        if session_of(p) == child or mark in cmdline(p):
            found.append(p)
            continue
        try:
            if needle in Path(f"/proc/{p}/environ").read_bytes():
                found.append(p)
        except OSError:
            pass
    return found


def kill_pids(pids, sig=signal.SIGKILL):
    for p in pids:
        try:
            os.kill(p, sig)
        except OSError:
            pass


# ---------------------------------------------------------------- the test rig
class Rig:
    """Work folder, and on demand a private sshd with three users (plain, sudo without password, sudo with password)."""

    def __init__(self):
        # names of digits only: a path in the tool's output must not satisfy a case's pattern
        self.root = Path(tempfile.gettempdir()).resolve() / f"conform-{secrets.randbelow(10**10):010d}"
        self.root.mkdir(mode=0o700)
        os.chmod(self.root, 0o755)
        self.id = secrets.token_hex(3)
        self.users = {}
        self.sudoers = None
        self.sshd = None
        self.made_run_sshd = False
        self.password = "Pw" + secrets.token_hex(8)
        self.vars = {
            "host": "127.0.0.1",
            "port": "0",
            "dead_port": "0",
            "key": "",
            "user": "",
            "sudo_user": "",
            "pw_user": "",
            "known_hosts": "",
            "password": self.password,
        }
        # a bound port nobody listens on: connections are refused, and nobody else can take it
        self.dead = socket.socket()
        self.dead.bind(("127.0.0.1", 0))
        self.vars["dead_port"] = str(self.dead.getsockname()[1])

    @staticmethod
    def sshd_path():
        return shutil.which("sshd") or next(
            (p for p in ("/usr/sbin/sshd", "/usr/local/sbin/sshd") if os.access(p, os.X_OK)), None
        )

    def missing(self, need):
        """None if the need can be met, else why not."""
        if need in ("sshd", "sudo", "root", "su") and os.geteuid() != 0:
            return "needs root"
        if need == "sshd" and not (self.sshd_path() and shutil.which("ssh-keygen") and shutil.which("useradd")):
            return "no sshd / ssh-keygen / useradd"
        if need in ("sudo", "su") and not (shutil.which(need) and shutil.which("useradd")):
            return f"no {need}"
        if need.startswith("no:") and shutil.which(need[3:]):
            return f"{need[3:]} is installed"
        return None

    def run(self, *cmd, **kw):
        return subprocess.run(cmd, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **kw)

    def start(self):
        s = self.root / "ssh"
        s.mkdir(mode=0o755)
        home = self.root / "home"
        home.mkdir(mode=0o755)
        shell = shutil.which("bash") or "/bin/sh"
        for role, letter in (("user", "a"), ("sudo_user", "b"), ("pw_user", "c")):
            name = f"cf{self.id}{letter}"
            self.users[role] = name  # noted first, so that an interrupted start is cleaned as well
            for attempt in range(5):
                try:
                    self.run("useradd", "-u", str(free_uid()), "-M", "-d", str(home / name), "-s", shell, name)
                    break
                except subprocess.CalledProcessError:
                    if attempt == 4:
                        raise
                    time.sleep(0.5)  # the password database may be locked by somebody else
            (home / name).mkdir()
            os.chown(home / name, pwd.getpwnam(name).pw_uid, pwd.getpwnam(name).pw_gid)
            if role != "pw_user":
                self.run("usermod", "-p", "*", name)
            self.vars[role] = name
        self.run("chpasswd", input=f"{self.users['pw_user']}:{self.password}\n".encode())
        if shutil.which("sudo") and os.path.isdir("/etc/sudoers.d"):
            self.sudoers = Path("/etc/sudoers.d") / f"conform-{self.id}"
            fd = os.open(self.sudoers, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440)
            with os.fdopen(fd, "w") as f:
                f.write(f"{self.users['sudo_user']} ALL=(ALL) NOPASSWD: ALL\n{self.users['pw_user']} ALL=(ALL) ALL\n")
        for k in ("hostkey", "other_hostkey", "id", "id_wrong"):
            self.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "conform", "-f", str(s / k))
        shutil.copy(s / "id.pub", s / "authorized_keys")
        os.chmod(s / "authorized_keys", 0o644)
        if not os.path.isdir("/run/sshd"):
            os.mkdir("/run/sshd", 0o755)
            self.made_run_sshd = True
        sftp = next(
            (
                p
                for p in (
                    "/usr/lib/openssh/sftp-server",
                    "/usr/libexec/openssh/sftp-server",
                    "/usr/lib/ssh/sftp-server",
                )
                if os.path.exists(p)
            ),
            "internal-sftp",
        )
        for _ in range(10):
            with socket.socket() as sock:
                sock.bind(("127.0.0.1", 0))
                port = sock.getsockname()[1]
            (s / "sshd_config").write_text(
                f"Port {port}\nListenAddress 127.0.0.1\nHostKey {s}/hostkey\nPidFile none\nStrictModes no\n"
                f"AuthorizedKeysFile {s}/authorized_keys\nUsePAM no\nPasswordAuthentication no\n"
                "KbdInteractiveAuthentication no\nPermitRootLogin no\nMaxStartups 100\nMaxSessions 100\nUseDNS no\n"
                f"Subsystem sftp {sftp}\nLogLevel ERROR\n"
            )
            self.sshd = subprocess.Popen(
                [self.sshd_path(), "-D", "-f", str(s / "sshd_config"), "-E", str(s / "sshd.log")],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            for _ in range(100):
                if self.sshd.poll() is not None:
                    break
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            if self.sshd.poll() is None:
                break
        else:
            raise RuntimeError("sshd does not start: " + (s / "sshd.log").read_text()[-500:])
        pub = (s / "hostkey.pub").read_text().split()
        other = (s / "other_hostkey.pub").read_text().split()
        (s / "known_hosts").write_text(f"[127.0.0.1]:{port} {pub[0]} {pub[1]}\n")
        (s / "bad_known_hosts").write_text(f"[127.0.0.1]:{port} {other[0]} {other[1]}\n")
        self.vars.update(port=str(port), key=str(s / "id"), known_hosts=str(s / "known_hosts"))

    def user_pids(self):
        uids = set()
        for u in self.users.values():
            try:
                uids.add(pwd.getpwnam(u).pw_uid)
            except KeyError:
                pass
        out = []
        for p in proc_pids():
            try:
                if os.stat(f"/proc/{p}").st_uid in uids:
                    out.append(p)
            except OSError:
                pass
        return out

    def stop(self):
        if self.sshd:
            # the per-connection sshd processes belong to our sshd: children of its pid
            kids = [p for p in proc_pids() if parent(p) == self.sshd.pid]
            self.sshd.terminate()
            try:
                self.sshd.wait(5)
            except subprocess.TimeoutExpired:
                self.sshd.kill()
                self.sshd.wait()
            kill_pids([p for p in kids if "sshd" in cmdline(p)])
        for _ in range(20):
            pids = self.user_pids() if self.users else []
            if not pids:
                break
            kill_pids(pids)
            time.sleep(0.1)
        if self.sudoers:
            self.sudoers.unlink(missing_ok=True)
        uids = {}
        for u in self.users.values():
            try:
                uids[pwd.getpwnam(u).pw_uid] = u
            except KeyError:
                pass
        for f in temp_files(uids) if uids else []:  # what a tool left behind under our users' names
            shutil.rmtree(f, ignore_errors=True) if f.is_dir() and not f.is_symlink() else f.unlink(missing_ok=True)
        for u in uids.values():
            for _ in range(5):
                r = subprocess.run(["userdel", "-f", u], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                if r.returncode in (0, 6):
                    break
                time.sleep(0.5)
        if self.made_run_sshd:
            try:
                os.rmdir("/run/sshd")
            except OSError:
                pass
        self.dead.close()
        shutil.rmtree(self.root, ignore_errors=True)


def free_uid():
    """A high random uid that nobody has, no process of a container either: stop() kills by uid."""
    used = set()
    for p in proc_pids():
        try:
            used.add(os.stat(f"/proc/{p}").st_uid)
        except OSError:
            pass
    while True:
        uid = 300_000 + secrets.randbelow(900_000)
        try:
            pwd.getpwuid(uid)
        except KeyError:
            if uid not in used:
                return uid


def parent(pid):
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError, ValueError):
        return None


def temp_files(uids):
    out = []
    for d in {"/tmp", tempfile.gettempdir(), "/var/tmp"}:
        try:
            with os.scandir(d) as it:
                for e in it:
                    try:
                        if e.stat(follow_symlinks=False).st_uid in uids:
                            out.append(Path(e.path))
                    except OSError:
                        pass
        except OSError:
            pass
    return out


# ---------------------------------------------------------------- one case
class Case:
    def __init__(self, path):
        self.dir = path
        self.name = path.name
        self.spec = json.loads((path / "case.json").read_text())
        self.area = self.spec["area"]
        self.needs = self.spec.get("needs", [])
        self.exclusive = bool(self.spec.get("exclusive"))


def load_cases(folder):
    return [Case(p) for p in sorted(folder.iterdir()) if (p / "case.json").is_file()]


def run_once(case, rig, opts, tag):
    """Runs the tool once; returns the list of complaints (empty: passed) and the seconds it took."""
    spec = case.spec
    top = rig.root / f"{secrets.randbelow(10**8):08d}"
    work = top / "work"
    top.mkdir()
    shutil.copytree(case.dir, work, ignore=shutil.ignore_patterns("case.json", "__pycache__"))
    os.chmod(top, 0o777)
    os.chmod(work, 0o755)
    trace = top / "trace"
    trace.write_text("")
    os.chmod(trace, 0o666)
    for d in spec.get("open_dirs", []):
        (work / d).mkdir(exist_ok=True)
        os.chmod(work / d, 0o1777)
    home = top / "home"
    home.mkdir()
    mark = str(secrets.randbelow(9 * 10**11) + 10**11)
    v = dict(rig.vars, trace=str(trace), mark=mark, work=str(work), yes="-y")

    def fill(text, quote=str):
        return PLACE.sub(lambda m: quote(v[m.group(1)]) if m.group(1) in v else m.group(0), text)

    argv = []
    for a in spec["argv"]:
        if a == "{tool}":
            argv += opts.tool
        elif a == "{python}":
            argv += opts.python
        elif a == "{yes}":
            argv.append("-y")
        else:
            argv.append(fill(a))
    env = {
        k: x
        for k, x in os.environ.items()
        if not k.startswith(("PYINFRA", "SUDO_", "CASE_")) and k not in ("SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY")
    }
    env.update(
        HOME=str(home),
        XDG_STATE_HOME=str(home / ".local" / "state"),
        LANG="C.UTF-8",
        LC_ALL="C.UTF-8",
        TERM="dumb",
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONWARNINGS="ignore",
        PYINFRA_PROGRESS="off",
        TRACE=str(trace),
        CASE_MARK=mark,
        CASE_PASSWORD=rig.password,
        CASE_SSH_HOST=v["host"],
        CASE_SSH_PORT=v["port"],
        CASE_SSH_DEAD_PORT=v["dead_port"],
        CASE_SSH_USER=v["user"],
        CASE_SSH_SUDO_USER=v["sudo_user"],
        CASE_SSH_PW_USER=v["pw_user"],
        CASE_SSH_KEY=v["key"],
        CASE_SSH_WRONG_KEY=v["key"] + "_wrong",
        CASE_KNOWN_HOSTS=v["known_hosts"],
        CASE_BAD_KNOWN_HOSTS=str(Path(v["known_hosts"]).parent / "bad_known_hosts"),
    )
    env.update({k: fill(x) for k, x in spec.get("env", {}).items()})
    stdin = spec.get("stdin")
    pty_answers = list(spec["pty"]) if "pty" in spec else None
    out_path, err_path = top / "stdout", top / "stderr"
    master = slave = None
    if pty_answers is not None:
        master, slave = os.openpty()
        os.set_blocking(master, False)
        sin = slave
    elif stdin is None:
        sin = subprocess.DEVNULL
    else:
        sin = subprocess.PIPE

    def child_setup():
        for s in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
            signal.signal(s, signal.SIG_DFL)
        if slave is not None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    t0 = time.monotonic()
    timed_out = False
    with open(out_path, "wb") as so, open(err_path, "wb") as se:
        try:
            p = subprocess.Popen(
                argv, cwd=work, env=env, stdin=sin, stdout=so, stderr=se, start_new_session=True, preexec_fn=child_setup
            )
        except OSError as e:
            return [f"cannot start the tool: {e}"], 0.0
    if slave is not None:
        os.close(slave)
    if sin == subprocess.PIPE:

        def feed():
            try:
                p.stdin.write(fill(stdin).encode())
                p.stdin.close()
            except OSError:
                pass

        threading.Thread(target=feed, daemon=True).start()
    actions = [dict(a) for a in spec.get("signals", [])]
    limit = float(spec.get("timeout", 40)) * opts.timeout_scale
    rusage = status = None
    last_size, last_change = -1, t0
    while True:
        pid, st, ru = os.wait4(p.pid, os.WNOHANG)
        if pid:
            status, rusage = st, ru
            break
        now = time.monotonic()
        if STOP.is_set() or now - t0 > limit:
            timed_out = True
            break
        if actions or pty_answers is not None:
            size = out_path.stat().st_size + err_path.stat().st_size
            if size > last_size:
                last_size, last_change = size, now
            if master is not None:
                try:
                    os.read(master, 65536)  # the echo, and prompts written to the terminal
                    last_change, last_size = now, max(last_size, 1)
                except OSError:
                    pass
            idle = now - last_change if last_size > 0 else 0
            if pty_answers and idle > 1.0:
                os.write(master, fill(pty_answers.pop(0)).encode())
                last_change = now
            if actions:
                a = actions[0]
                if "ready" not in a:
                    if (
                        ("after_trace" in a and a["after_trace"] in trace.read_text(errors="replace"))
                        or ("when_idle" in a and idle > a["when_idle"])
                        or ("after_seconds" in a)
                    ):
                        a["ready"] = now + a.get("after_seconds", a.get("delay", 0.3))
                elif now >= a["ready"]:
                    num = getattr(signal, "SIG" + a["signal"])
                    try:
                        os.killpg(p.pid, num) if a.get("to") == "group" else os.kill(p.pid, num)
                    except OSError:
                        pass
                    actions.pop(0)
        time.sleep(0.02 if now - t0 > 0.5 else 0.01)
    wall = time.monotonic() - t0
    if timed_out:
        kill_pids([q for q in case_pids(p.pid, mark) if q != p.pid])
        kill_pids([p.pid])
        _, status, rusage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    rc = 128 - p.returncode if p.returncode < 0 else p.returncode
    if master is not None:
        os.close(master)
    bad = []
    exp = spec["expect"]
    if timed_out:
        bad.append(f"still running after {limit:g} s")
    if actions:
        bad.append("the tool ended before the signal could be sent")
    # leftovers: wait a little for them to go, then they count
    patt = exp.get("no_leftover_process")
    if patt:
        patt = fill(patt, re.escape)
        end = time.monotonic() + 2.5
        while (left := pids_with(patt)) and time.monotonic() < end:
            time.sleep(0.05)
        if left:
            bad.append(f"process still there: {cmdline(left[0])[:100]!r}")
    if exp.get("settle"):
        time.sleep(exp["settle"])
    shells = case_pids(p.pid, mark)
    kill_pids(shells)
    got = {
        "rc": rc,
        "wall": wall,
        "rss_mb": rusage.ru_maxrss / 1024 if rusage else 0,
        "trace": trace.read_text(errors="replace").splitlines(),
        "stdout": read(out_path),
        "stderr": read(err_path),
    }
    bad += check(exp, got, fill, v, work, rig)
    if opts.keep:
        keep = Path(opts.keep) / f"{case.name}{tag}"
        shutil.rmtree(keep, ignore_errors=True)
        keep.mkdir(parents=True)
        for f in (out_path, err_path, trace):
            shutil.copy(f, keep / f.name)
        (keep / "result.json").write_text(
            json.dumps(
                {"argv": argv, "rc": rc, "wall": round(wall, 2), "rss_mb": round(got["rss_mb"]), "bad": bad}, indent=1
            )
        )
    shutil.rmtree(top, ignore_errors=True)
    return bad, wall


def read(path, cap=30_000_000):
    with open(path, "rb") as f:
        data = f.read(cap)
    return ANSI.sub("", data.decode(errors="replace"))


# ---------------------------------------------------------------- expectations
def check_exit(want, rc):
    if want == "zero":
        return rc == 0
    if want == "nonzero":
        return rc != 0
    if isinstance(want, list):
        return rc in want
    return rc == want


def check_trace(want, got, fill):
    bad = []
    if isinstance(want, list):
        want = {"exact": want}
    for k in want:
        if k not in ("exact", "lines", "all_of", "none_of", "count", "before"):
            raise ValueError(f"unknown trace key {k}")
    if "exact" in want and got != [fill(x) for x in want["exact"]]:
        bad.append(f"commands that ran: {short(got)}, expected {short(want['exact'])}")
    if "lines" in want and sorted(got) != sorted(fill(x) for x in want["lines"]):
        bad.append(f"commands that ran (any order): {short(sorted(got))}, expected {short(sorted(want['lines']))}")
    for x in want.get("all_of", []):
        if fill(x) not in got:
            bad.append(f"{x!r} should have run; ran: {short(got)}")
    for x in want.get("none_of", []):
        if fill(x) in got:
            bad.append(f"{x!r} should not have run")
    for x, n in want.get("count", {}).items():
        if got.count(fill(x)) != n:
            bad.append(f"{x!r} ran {got.count(fill(x))} times, expected {n}")
    for a, b in want.get("before", []):
        a, b = fill(a), fill(b)
        if a not in got or b not in got:
            bad.append(f"{a!r} and {b!r} should both have run; ran: {short(got)}")
        elif got.index(a) > got.index(b):
            bad.append(f"{a!r} should come before {b!r}: {short(got)}")
    return bad


def short(x, n=300):
    s = repr(x)
    return s if len(s) <= n else s[:n] + "..."


def strings_in(x):
    if isinstance(x, dict):
        for k, y in x.items():
            yield str(k)
            yield from strings_in(y)
    elif isinstance(x, list):
        for y in x:
            yield from strings_in(y)
    elif isinstance(x, str):
        yield x


def error_counts(x):
    """Numbers found under keys that say they count errors, at any depth."""
    if isinstance(x, dict):
        for k, y in x.items():
            if (
                str(k).lower()
                in (
                    "error",
                    "errors",
                    "error_count",
                    "errors_count",
                    "error_ops",
                    "failed",
                    "failures",
                    "failed_ops",
                    "failed_operations",
                )
                and isinstance(y, int)
                and not isinstance(y, bool)
            ):
                yield y
            else:
                yield from error_counts(y)
    elif isinstance(x, list):
        for y in x:
            yield from error_counts(y)


KNOWN = {
    "exit",
    "trace",
    "stdout_json",
    "json_mentions",
    "json_error_count_max",
    "stdout_has",
    "stdout_lacks",
    "stderr_has",
    "stderr_lacks",
    "any_output_has",
    "any_output_lacks",
    "max_seconds",
    "max_rss_mb",
    "no_leftover_process",
    "settle",
    "files",
    "any_of",
    "no_temp_file_with",
    "note",
}


def check(exp, got, fill, v, work, rig):
    bad = []
    unknown = set(exp) - KNOWN
    if unknown:
        raise ValueError(f"unknown expectation {sorted(unknown)}")
    if "exit" in exp and not check_exit(exp["exit"], got["rc"]):
        bad.append(f"exit status {got['rc']}, expected {exp['exit']}")
    if "trace" in exp:
        bad += check_trace(exp["trace"], got["trace"], fill)
    doc = None
    if exp.get("stdout_json"):
        try:
            doc = json.loads(got["stdout"])
        except ValueError as e:
            bad.append(
                "stdout is empty, not a JSON document"
                if not got["stdout"].strip()
                else f"stdout is not one JSON document ({e}): {short(got['stdout'], 120)}"
            )
    if doc is not None:
        said = list(strings_in(doc))
        for s in exp.get("json_mentions", []):
            if not any(fill(s) in x for x in said):
                bad.append(f"the JSON document does not mention {s!r}")
        if "json_error_count_max" in exp:
            worst = max(error_counts(doc), default=0)
            if worst > exp["json_error_count_max"]:
                bad.append(f"the JSON document counts {worst} errors, expected at most {exp['json_error_count_max']}")
    outs = {"stdout": got["stdout"], "stderr": got["stderr"], "any_output": got["stdout"] + "\n" + got["stderr"]}
    for where, text in outs.items():
        for rx in exp.get(where + "_has", []):
            if not re.search(fill(rx, re.escape), text, re.M):
                bad.append(f"{where} should show /{rx}/")
        for rx in exp.get(where + "_lacks", []):
            m = re.search(fill(rx, re.escape), text, re.M)
            if m:
                bad.append(f"{where} should not show /{rx}/")
    if "max_seconds" in exp and got["wall"] > exp["max_seconds"]:
        bad.append(f"took {got['wall']:.1f} s, more than {exp['max_seconds']} s")
    if "max_rss_mb" in exp and got["rss_mb"] > exp["max_rss_mb"]:
        bad.append(f"used {got['rss_mb']:.0f} MB, more than {exp['max_rss_mb']} MB")
    for f in exp.get("files", []):
        bad += check_file(f, fill, work)
    if "no_temp_file_with" in exp:
        needle = fill(exp["no_temp_file_with"]).encode()
        uids = {0}
        for u in rig.users.values():
            try:
                uids.add(pwd.getpwnam(u).pw_uid)
            except KeyError:
                pass
        now = time.time()
        for p in temp_files(uids) + [q for d in work.iterdir() if d.is_dir() for q in d.iterdir()]:
            try:
                st = p.lstat()
                if not stat.S_ISREG(st.st_mode) or st.st_size > 1_000_000 or now - st.st_mtime > 300:
                    continue
                if needle in p.read_bytes():
                    bad.append(f"temporary file left behind: {p.name} (mode {stat.S_IMODE(st.st_mode):o})")
                    p.unlink()
            except OSError:
                pass
    if "any_of" in exp:
        tries = [check(e, got, fill, v, work, rig) for e in exp["any_of"]]
        if all(tries):
            bad.append("none of the allowed outcomes: " + " | ".join("; ".join(t) for t in tries))
    return bad


def check_file(f, fill, work):
    unknown = set(f) - {"path", "exists", "text", "has", "lacks", "owner", "mode", "size"}
    if unknown:
        raise ValueError(f"unknown file assertion {sorted(unknown)}")
    path = Path(fill(f["path"]))
    path = path if path.is_absolute() else work / path
    label = f["path"]
    if not os.path.lexists(path):
        return [f"file {label} is missing"] if f.get("exists", True) else []
    if f.get("exists", True) is False:
        return [f"file {label} should not exist"]
    st = path.stat()
    bad = []
    text = path.read_text(errors="replace") if path.is_file() else ""
    if "text" in f and text != fill(f["text"]):
        bad.append(f"file {label} holds {short(text, 80)}, expected {f['text']!r}")
    if "has" in f and not re.search(fill(f["has"], re.escape), text):
        bad.append(f"file {label} lacks /{f['has']}/")
    if "lacks" in f and re.search(fill(f["lacks"], re.escape), text):
        bad.append(f"file {label} holds /{f['lacks']}/")
    if "size" in f and st.st_size != f["size"]:
        bad.append(f"file {label} has {st.st_size} bytes, expected {f['size']}")
    if "owner" in f:
        try:
            owner = pwd.getpwuid(st.st_uid).pw_name
        except KeyError:
            owner = str(st.st_uid)
        if owner != fill(f["owner"]):
            bad.append(f"file {label} belongs to {owner}, expected {fill(f['owner'])}")
    if "mode" in f and f"{stat.S_IMODE(st.st_mode):o}" != f["mode"]:
        bad.append(f"file {label} has mode {stat.S_IMODE(st.st_mode):o}, expected {f['mode']}")
    return bad


def run_case(case, rig, opts):
    if STOP.is_set():
        return {"name": case.name, "area": case.area, "result": "skipped", "why": ["interrupted"], "seconds": 0}
    t0 = time.monotonic()
    for need in case.needs:
        why = (
            ("no python for the API (give --python)" if not opts.python else None)
            if need == "python-api"
            else rig.missing(need)
        )
        if why:
            return {"name": case.name, "area": case.area, "result": "skipped", "why": [why], "seconds": 0}
    bad = []
    for i in range(case.spec.get("repeat", 1)):
        try:
            bad, _ = run_once(case, rig, opts, f".{i}" if i else "")
        except Exception as e:  # a fault of the case or of this program: never hidden
            bad = [f"conform.py: {type(e).__name__}: {e}"]
        if STOP.is_set():
            return {"name": case.name, "area": case.area, "result": "skipped", "why": ["interrupted"], "seconds": 0}
        if bad:
            break
    return {
        "name": case.name,
        "area": case.area,
        "result": "failed" if bad else "passed",
        "why": bad,
        "seconds": round(time.monotonic() - t0, 2),
    }


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--tool", required=True, help="command to test; may be several words")
    ap.add_argument("--cases", type=Path, default=HERE / "cases")
    ap.add_argument("--area", action="append", default=[], help="only this area (repeatable)")
    ap.add_argument("--only", action="append", default=[], help="only this case; a glob (repeatable)")
    ap.add_argument("--split", help="FILE:PART, only the cases of one part of a split file, e.g. split.json:shared")
    ap.add_argument("--jobs", type=int, default=2)
    ap.add_argument("--json", dest="out", type=Path, help="write the results to this file")
    ap.add_argument("--python", help="python that can import the tool's API; default: the one beside the tool, if any")
    ap.add_argument("--timeout-scale", type=float, default=1.0, help="multiply the cases' time limits (slow machine)")
    ap.add_argument("--keep", help="keep stdout, stderr, trace and result.json of each case under this folder")
    ap.add_argument("-v", "--verbose", action="store_true")
    ap.add_argument("--list", action="store_true", help="list the cases and stop")
    opts = ap.parse_args()
    opts.tool = shlex.split(opts.tool)
    if not opts.tool:
        ap.error("--tool is empty")
    exe = shutil.which(opts.tool[0])
    if exe and not os.path.isabs(opts.tool[0]):
        opts.tool[0] = os.path.abspath(exe)
    opts.tool = [
        os.path.abspath(w) if i and os.sep in w and not w.startswith("-") and os.path.exists(w) else w
        for i, w in enumerate(opts.tool)
    ]
    if opts.python is not None:
        opts.python = shlex.split(opts.python)
        if opts.python and os.sep in opts.python[0]:
            opts.python[0] = os.path.abspath(opts.python[0])
    else:
        beside = [
            p
            for w in opts.tool[:1]
            for p in [os.path.join(os.path.dirname(os.path.abspath(w)), "python")]
            if os.access(p, os.X_OK) and os.path.exists(os.path.join(os.path.dirname(os.path.dirname(p)), "pyvenv.cfg"))
        ]
        opts.python = beside[:1]
    if opts.keep:
        opts.keep = os.path.abspath(opts.keep)
    cases = load_cases(opts.cases)
    if opts.area:
        cases = [c for c in cases if c.area in opts.area]
    if opts.only:
        cases = [c for c in cases if any(fnmatch.fnmatchcase(c.name, g) for g in opts.only)]
    if opts.split:
        file, _, part = opts.split.rpartition(":")
        part_names = set(json.loads(Path(file).read_text())[part])
        cases = [c for c in cases if c.name in part_names]
    if not cases:
        ap.error("no case matches")
    if opts.list:
        for c in cases:
            print(f"{c.area:20s} {c.name:36s} {c.spec['title']}")
        return 0
    if not exe:
        ap.error(f"tool not found: {opts.tool[0]}")

    def on_signal(num, frame):
        if STOP.is_set():
            return
        STOP.set()
        print("interrupted: stopping the running cases and cleaning up", file=sys.stderr)

    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, on_signal)
    rig = Rig()
    results = []
    t0 = time.monotonic()
    try:
        if os.geteuid() == 0 and any({"sshd", "sudo", "su"} & set(c.needs) for c in cases) and not rig.missing("sshd"):
            rig.start()
        shared = [c for c in cases if not c.exclusive]
        alone = [c for c in cases if c.exclusive]
        for group, jobs in ((shared, max(1, opts.jobs)), (alone, 1)):
            with ThreadPoolExecutor(jobs) as pool:
                for r in pool.map(lambda c: run_case(c, rig, opts), group):
                    results.append(r)
                    if opts.verbose or (r["result"] == "failed" and not STOP.is_set()):
                        print(
                            f"{r['result']:7s} {r['area']}/{r['name']} ({r['seconds']} s) {'; '.join(r['why'])}",
                            flush=True,
                        )
    finally:
        rig.stop()
    areas = {}
    for r in results:
        areas.setdefault(r["area"], {"passed": 0, "failed": 0, "skipped": 0})[r["result"]] += 1
    print()
    for a in sorted(areas):
        n = areas[a]
        print(f"{a:20s} {n['passed']:3d} passed {n['failed']:3d} failed {n['skipped']:3d} skipped")
    total = {k: sum(n[k] for n in areas.values()) for k in ("passed", "failed", "skipped")}
    failing = sorted(r["name"] for r in results if r["result"] == "failed")
    if opts.out:
        opts.out.write_text(
            json.dumps(
                {
                    "tool": opts.tool,
                    "seconds": round(time.monotonic() - t0, 1),
                    "totals": total,
                    "areas": areas,
                    "cases": sorted(results, key=lambda r: r["name"]),
                },
                indent=1,
            )
            + "\n"
        )
    print(f"{time.monotonic() - t0:.0f} s")
    if failing:
        print("failing: " + " ".join(failing))
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    if STOP.is_set():
        return 130
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
