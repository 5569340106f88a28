#!/bin/bash
# floor.sh USER@HOST SSH_OPTIONS...: what bench/deploy does, as one script written by hand: one connection, one command.
# It is the floor under every tool's time. The files travel as a tar in the script's own input. Runs in bench/deploy.
set -e
target=$1; shift
stage=$(mktemp -d); trap 'rm -rf "$stage"' EXIT
mkdir "$stage/conf"; cp files/f*.conf "$stage/conf/"; cp files/sysctl.conf "$stage/"
for i in 1 2 3 4; do
  { echo "# template $i"; for k in 0 1 2 3 4 5 6 7 8 9; do echo "key$k = v-$k"; done; echo "name = t$i"; } > "$stage/conf/t$i.conf"
done
{ cat <<'SCRIPT'
set -e
dpkg -s coreutils sudo python3 >/dev/null
for d in /opt/app /opt/app/conf /opt/app/data; do [ -d $d ] || mkdir -m 755 $d; done
T=$(mktemp -d); sed '1,/^__TAR__$/d' "$0" | base64 -d | tar -xz -C $T
for f in $T/conf/*; do cmp -s $f /opt/app/conf/${f##*/} || install -m 644 $f /opt/app/conf/${f##*/}; done
for i in 1 2 3; do grep -qxF "APP_VAR$i=value$i" /etc/environment || echo "APP_VAR$i=value$i" >> /etc/environment; done
getent group appgrp >/dev/null || groupadd appgrp
for u in appuser appsvc; do id -u $u >/dev/null 2>&1 || useradd -m -s /bin/bash -g appgrp $u; done
[ "$(readlink /opt/app/current)" = /opt/app/data ] || ln -sfn /opt/app/data /opt/app/current
[ "$(readlink /etc/app)" = /opt/app/conf ] || ln -sfn /opt/app/conf /etc/app
test -f /opt/app/data/init || touch /opt/app/data/init
date > /opt/app/data/stamp
cmp -s $T/sysctl.conf /etc/sysctl.d/90-app.conf || install -m 644 $T/sysctl.conf /etc/sysctl.d/90-app.conf
rm -rf $T; exit 0
__TAR__
SCRIPT
tar -C "$stage" -cz . | base64; } | ssh -F /dev/null "$@" "$target" 'f=$(mktemp); cat > $f; sh $f; r=$?; rm -f $f; exit $r'
