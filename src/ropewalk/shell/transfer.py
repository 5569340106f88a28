"""The scripts that put files on a host: atomically, with their final mode and owner before anybody sees them.

A temporary file is made in the destination's own directory, filled, given owner and mode, and renamed. When
the script fails or is ended half-way, the temporary file goes away and the old file is as it was.
"""

from __future__ import annotations

import base64
import re
import secrets
import shlex
from collections.abc import Iterable

from ropewalk.model.command import sh
from ropewalk.shell.paths import path_word
from ropewalk.shell.script import heredoc

#: Content up to this size travels inside the command stream.
SMALL = 48 * 1024

_PLAIN = re.compile(rb"[\t\n\x20-\x7e]*")

# An existing file keeps its owner and mode unless others are asked for; a link is written through. Where the
# directory cannot be written to, or the file cannot be replaced (a device, another owner, a mount point), its content
# is. PIPE has a trap, since it would end the shell without one on EXIT: standard error is gone with the connection.
# The shell itself makes the temporary file (POSIX's noclobber opens it with O_EXCL), which takes no process; mktemp
# says why it cannot be made. What removes it is not to be ended: a guard does that to all processes there are.
_PREPARE = r"""
case $d in /*) ;; *) d=./$d;; esac
if [ -h "$d" ]; then d=$(readlink -f -- "$d") || { echo "$d: a link that leads nowhere" >&2; exit 1; }; fi
if [ -d "$d" ]; then echo "$d: is a directory" >&2; exit 1; fi
case $mode in ''|*[!0-7]*) relative=1; mask=$(umask);; *) relative=;; esac
umask 077; t= ; inplace=
trap 'trap "" HUP INT PIPE TERM; [ -z "$t" ] || rm -f -- "$t"' EXIT
trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 141' PIPE; trap 'exit 143' TERM
create() { t=$1/.ropewalk.$n; set -C; { true >"$t"; } 2>/dev/null && set +C || { set +C; t=; return 1; }; }
if [ -e "$d" ] && [ ! -f "$d" ]; then inplace=1
elif create "${d%/*}"; then :
elif [ -f "$d" ] && [ -w "$d" ]; then inplace=1
else t=$(mktemp "${d%/*}/.ropewalk.XXXXXXXXXX") || exit 1; fi
[ -z "$inplace" ] || create "$w" || t=$(mktemp "$w/.ropewalk.XXXXXXXXXX") || exit 1
"""

_FINISH = r"""
if [ -n "$inplace" ]; then :
elif [ -e "$d" ]; then
  if [ ! -O "$d" ] || [ ! -G "$d" ] || [ -n "$relative" ]; then
    s=$(stat -c '%u:%g %a' -- "$d" 2>/dev/null || stat -f '%u:%g %Lp' -- "$d") || exit 1
    if [ ! -O "$d" ] || [ ! -G "$d" ]; then
      chown "${s%% *}" "$t" 2>/dev/null || case $owner in ?*:?*) ;; *) inplace=1;; esac
    fi
    [ -z "$relative" ] || chmod "${s##* }" "$t" || exit 1
  fi
  [ ! -e /sys/fs/selinux/enforce ] || chcon --reference="$d" "$t" 2>/dev/null
elif [ -n "$relative" ]; then
  chmod "$(printf %o $((0666 & ~0$mask)))" "$t" || exit 1
fi
if [ -z "$inplace" ]; then
  [ -z "$owner" ] || chown -- "$owner" "$t" || exit 1
  [ -z "$mode" ] || chmod -- "$mode" "$t" || exit 1
  if mv -f -- "$t" "$d" 2>/dev/null; then t=; exit 0; fi
fi
cat <"$t" >"$d" || exit 1
[ -z "$owner" ] || chown -- "$owner" "$d" || exit 1
[ -z "$mode" ] || chmod -- "$mode" "$d" || exit 1
"""


def upload_script(
    dest: str, *, size: int, mode: str | None, user: str | None, group: str | None, temp_dir: str, delimiter: str,
    content: bytes | None,
) -> tuple[str, str]:  # fmt: skip
    """Return the script that writes a file, and the here-document it reads on descriptor 8.

    :param content: the content when it travels in the script; ``None`` when it comes on standard input.
    """
    owner = f"{user or ''}{':' + group if group else ''}"
    name = secrets.token_hex(8)
    values = {"d": path_word(dest), "mode": mode or "", "owner": owner, "w": path_word(temp_dir), "n": name}
    head = "".join(f"{variable}={sh(value).render()}\n" for variable, value in values.items())
    if content is None:
        fill, body = f'cat >"$t" || exit 1\n[ "$(wc -c <"$t")" -eq {size} ] || {_SHORT}\n', ""
    elif _PLAIN.fullmatch(content):
        fill = f'head -c {size} <&8 >"$t" || exit 1\n'
        body = heredoc(f"{content.decode('ascii')}\n", delimiter)
    else:
        fill = 'base64 -d <&8 >"$t" || exit 1\n'
        body = heredoc(base64.encodebytes(content).decode("ascii"), delimiter)
    return f"{head}{_PREPARE}{fill}{_FINISH}", body


_SHORT = '{ echo "$d: the upload was cut short" >&2; exit 1; }'


def download_script(source: str) -> str:
    """Return the script that writes a file's content to standard output."""
    file = sh(path_word(source)).render()
    return f'f={file}; [ ! -d "$f" ] || {{ echo "$f: is a directory" >&2; exit 1; }}; exec cat -- "$f"'


def tree_script(root: str, names: Iterable[str], *, user: str | None, group: str | None) -> str:
    """Return the script that unpacks an archive (tar) of files on its standard input.

    It unpacks beside the destination, sets owners, then renames each folder's files into place together.

    :param names: the files in it, relative to ``root``.
    """
    folders: dict[str, list[str]] = {}
    for name in names:
        folder, _, base = name.rpartition("/")
        folders.setdefault(folder, []).append(base)
    owner = f"{user or ''}{':' + group if group else ''}"
    lines = [
        f"root={sh(path_word(root.rstrip('/') or '/')).render()}; owner={shlex.quote(owner)}",
        'mkdir -p -- "$root" || exit 1; t=',
        'trap \'trap "" HUP INT TERM; [ -z "$t" ] || rm -rf -- "$t"\' EXIT',
        "trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM",
        't=$(mktemp -d "$root/.ropewalk.XXXXXXXXXX") || exit 1',
        'tar -xpf - -C "$t" || exit 1',
        '[ -z "$owner" ] || chown -R -- "$owner" "$t" || exit 1',
    ]
    for folder, files in sorted(folders.items()):
        inner = f"/{shlex.quote(folder)}" if folder else ""
        if folder:
            lines.append(f'mkdir -p -- "$root"{inner} || exit 1')
        for start in range(0, len(files), 500):
            words = " ".join(f'"$t"{inner}/{shlex.quote(name)}' for name in files[start : start + 500])
            lines.append(f'mv -f -- {words} "$root"{inner}/ || exit 1')
    return "\n".join(lines) + "\n"
