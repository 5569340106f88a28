"""Twenty-five ordinary operations, as pyinfra v3 writes them: the work that benchmarks and end-to-end tests do."""

from pyinfra.operations import apt, files, server

apt.packages(name="apt", packages=["coreutils", "sudo", "python3"], update=False)
for d in ("/opt/app", "/opt/app/conf", "/opt/app/data"):
    files.directory(name="dir " + d, path=d, mode="755", user="root", group="root")
for i in range(1, 7):
    files.put(name=f"put {i}", src=f"files/f{i}.conf", dest=f"/opt/app/conf/f{i}.conf", mode="644")
for i in range(1, 5):
    files.template(
        name=f"tpl {i}",
        src=f"templates/t{i}.j2",
        dest=f"/opt/app/conf/t{i}.conf",
        mode="644",
        count=10,
        value="v",
        tname=f"t{i}",
    )
for i in range(1, 4):
    files.line(name=f"line {i}", path="/etc/environment", line=f"APP_VAR{i}=value{i}")
server.group(name="group", group="appgrp")
for u in ("appuser", "appsvc"):
    server.user(name="user " + u, user=u, shell="/bin/bash", home="/home/" + u, group="appgrp", ensure_home=True)
files.link(name="link 1", path="/opt/app/current", target="/opt/app/data")
files.link(name="link 2", path="/etc/app", target="/opt/app/conf")
server.shell(name="shell 1", commands=["test -f /opt/app/data/init || touch /opt/app/data/init"])
server.shell(name="shell 2", commands=["date > /opt/app/data/stamp"])
files.put(name="sysctl", src="files/sysctl.conf", dest="/etc/sysctl.d/90-app.conf", mode="644")
