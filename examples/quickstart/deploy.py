"""What every deploy is made of, for this machine and without root: ropewalk @local deploy.py"""

from ropewalk import host
from ropewalk.facts.server import Hostname
from ropewalk.operations import files, server

files.directory(name="Make the directory of the app", path="app", mode="750")

settings = files.template(
    name="Write its settings",
    src="templates/settings.ini.j2",
    dest="app/settings.ini",
    workers=4,
    hostname=host.get_fact(Hostname),
)

files.line(name="Say who manages it", path="app/README", line="Managed by ropewalk: change the deploy, not this.")

if settings.changed:
    server.shell(name="Reload the app", commands=["date >> app/reloads.log"])
