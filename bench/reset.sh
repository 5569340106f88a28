# Undoes bench/deploy on a host, for runs on hosts that are not made anew each time.
rm -rf /opt/app /etc/app /etc/sysctl.d/90-app.conf /srv/bench-*
for user in appuser appsvc; do
    ! id -u $user >/dev/null 2>&1 || userdel --remove $user 2>/dev/null
done
! getent group appgrp >/dev/null || groupdel appgrp
sed -i '/^APP_VAR[123]=value[123]$/d' /etc/environment
