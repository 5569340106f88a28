"""The script that ends a command on the host, with everything it started.

A guard runs beside a command that takes long, as the same identity, in a process of its own. It waits for a
line: ``done`` makes it go away; anything else, and above all the end of its input because the connection was
lost, makes it end the command. So a command never outlives the run that started it, whichever side dies.
"""

from __future__ import annotations

import shlex

from ropewalk.shell.process import Process

# Descendants are found in /proc where there is one (containers often lack ps), else with ps as POSIX has it. The name
# of a program stands in /proc/PID/stat as it is: it may hold anything, line ends too, but ends with the last ") ".
# TERM first, so that programs can tidy up; what is left after two seconds is killed. A shell goes before what it waits
# for, or it would begin the next command.
# A process is known by its number and by when it began: numbers are used again, and a guard may wait for long. Below
# the first process is everything: it is never meant.
# The connection may be lost while the guard starts: writing to it must not end the guard.
_GUARD = r"""
trap '' PIPE
state() { line=; { while read -r part; do line="$line $part"; done <"$proc/$1/stat"; } 2>/dev/null; rest=${line##*) }; }
pairs() {
  if [ -r "$proc/self/stat" ]; then
    for f in "$proc"/[0-9]*/stat; do
      pid=${f%/stat}; pid=${pid##*/}
      state $pid; rest=${rest#* }
      case $rest in [0-9]*\ *) echo "$pid ${rest%% *}";; esac
    done
  else
    ps -A -o pid= -o ppid=
  fi
}
below() {
  set -- "$1" "" $(pairs)
  found=" $1 "; list=; shift 2
  again=1
  while [ $again = 1 ]; do
    again=0; all="$*"
    while [ $# -ge 2 ]; do
      case "$found" in
        *" $2 "*) case "$found" in *" $1 "*) ;; *) found="$found$1 "; list="$list $1"; again=1;; esac;;
      esac
      shift 2
    done
    set -- $all
  done
  echo $list
}
alive() {
  for p in $1; do
    if kill -0 $p 2>/dev/null; then
      if [ -r "$proc/self/stat" ]; then state $p; else rest=$(ps -o stat= -p $p 2>/dev/null); fi
      case $rest in Z*) ;; *) return 0;; esac
    fi
  done
  return 1
}
born() {
  if [ -r "$proc/self/stat" ]; then state $1; set -- $rest; echo "${20:-}"; else ps -o lstart= -p $1 2>/dev/null; fi
}
finish() {
  [ $1 -gt 1 ] && [ -n "$birth" ] && [ "$(born $1)" = "$birth" ] || return 0
  pids="$2 $(below $1)"
  [ -n "${pids# }" ] || return 0
  kill -TERM $pids 2>/dev/null
  for i in 1 2 3 4 5 6 7 8 9 10; do alive "$pids" || return 0; sleep 0.2 2>/dev/null || sleep 1; done
  for p in $pids; do pids="$pids $(below $p)"; done
  kill -KILL $pids 2>/dev/null
  return 0
}
[ -n "$birth" ] || birth=$(born $root)
echo ready
read -r word || word=
if [ "$word" = done ]; then exit 0; fi
"""


def guard_script(process: Process, *, itself: bool, proc: str = "/proc") -> str:
    """Return the guard's script.

    :param process: whose descendants are ended. Where it is not known when it began, it is whichever process has its
        number when the guard starts.
    :param itself: whether it is ended too.
    :param proc: where the host's process file system is.
    """
    known = f"proc={shlex.quote(proc)} root={process.pid:d} birth={shlex.quote(process.born)}"
    return f"{known}\n{_GUARD}finish $root {process.pid if itself else ''}\n"
