"""An nginx that serves one site: ropewalk inventory.py deploy.py"""

from ropewalk import host
from ropewalk.operations import apt, files, systemd

apt.packages(name="Install nginx", packages=["nginx"], update=True, cache_time=3600)

files.directory(name="Make the site's directory", path=host.data.site_root, user="root", group="www-data", mode="755")

files.template(
    name="Write its page",
    src="templates/index.html.j2",
    dest=f"{host.data.site_root}/index.html",
    mode="644",
)

site = files.template(
    name="Describe the site",
    src="templates/site.conf.j2",
    dest="/etc/nginx/sites-available/example",
    mode="644",
)

enabled = files.link(
    name="Enable the site",
    path="/etc/nginx/sites-enabled/example",
    target="/etc/nginx/sites-available/example",
)

default = files.link(name="Disable the default site", path="/etc/nginx/sites-enabled/default", present=False)

systemd.service(name="Serve", service="nginx", running=True, enabled=True)

if site.changed or enabled.changed or default.changed:
    systemd.service(name="Take the new configuration", service="nginx", reloaded=True)
