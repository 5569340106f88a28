"""A root file system with a few programs of this machine in it: for images, and to change into."""

from __future__ import annotations

import subprocess
from glob import glob
from pathlib import Path

#: Enough for commands, facts and files.
_PROGRAMS = (
    "sh", "awk", "base64", "cat", "chmod", "chown", "cp", "cut", "date", "dd", "df", "env", "find", "grep", "head",
    "id", "ln", "ls", "mkdir", "mktemp", "mv", "ps", "readlink", "rm", "rmdir", "sed", "seq", "sha1sum", "sha256sum",
    "sleep", "sort", "stat", "stty", "su", "tail", "tar", "test", "touch", "tr", "true", "uname", "wc", "yes",
)  # fmt: skip

# What a root has at least; the programs are below /usr.
_BARE = """
mkdir -p usr etc tmp root proc dev && chmod 1777 tmp && ln -s usr/bin bin && ln -s usr/sbin sbin && ln -s usr/lib lib
[ ! -d /usr/lib64 ] || ln -s usr/lib64 lib64
printf 'root:x:0:0::/root:/bin/sh\\nnobody:x:65534:65534::/:/bin/sh\\n' >etc/passwd
printf 'root:x:0:\\n' >etc/group
mkdir etc/pam.d
for kind in auth account session; do echo "$kind sufficient pam_permit.so"; done >etc/pam.d/su
"""

# Copies programs, and the libraries that they are linked with, under their own names.
_COPY = """
for program; do
    case $program in
        /*) path=$program; mkdir -p ".${path%/*}"; cp -L -- "$path" ".$path" ;;
        *) path=$(command -v "/usr/bin/$program") || continue; cp -L -- "$path" "usr/bin/$program" ;;
    esac
    ldd "$path" 2>/dev/null | sed -n 's|.*[[:space:]]\\(/[^ ]*\\) (0x.*|\\1|p'
done | sort -u | while read -r library; do mkdir -p ".${library%/*}"; cp -L -- "$library" ".$library"; done
"""


def bare_root(directory: Path) -> Path:
    """Fill an empty directory, which may not exist yet, with all but programs; return it."""
    directory.mkdir(exist_ok=True)
    subprocess.run(["sh", "-ec", _BARE], cwd=directory, check=True)
    return directory


def small_root(directory: Path) -> Path:
    """Fill an empty directory, which may not exist yet; return it. Nothing is mounted in it: ``/proc`` is empty."""
    bare_root(directory)
    modules = glob("/usr/lib/*/security/pam_permit.so")  # who is root may be anybody: see etc/pam.d/su
    script = f"mkdir usr/bin usr/sbin usr/lib usr/lib64\n{_COPY}"
    subprocess.run(["sh", "-ec", script, "sh", *_PROGRAMS, *modules], cwd=directory, check=True)
    return directory
