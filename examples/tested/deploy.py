"""A deploy with tests: an app that is only restarted when it has new settings that it can read."""

from io import StringIO

from ropewalk import host
from ropewalk.facts.server import Which
from ropewalk.operations import files, server

if host.get_fact(Which, command="appctl") is None:
    server.shell(name="Install the app", commands=["install-app --version 4"])

settings = files.put(
    name="Write the settings",
    src=StringIO(f"workers = {host.data.get('workers', 2)}\n"),
    dest="/etc/app/settings.ini",
    mode="640",
    user="app",
)
server.shell(name="Check the settings", commands=["appctl check"])
server.shell(name="Restart", commands=["appctl restart"], _if=settings.did_change, _retries=2, _retry_delay=0)
