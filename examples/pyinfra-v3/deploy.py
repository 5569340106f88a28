"""A deploy as it is written for pyinfra v3, nothing changed: ropewalk inventory.py deploy.py"""

from pyinfra import host, logger
from pyinfra.api import deploy
from pyinfra.facts.files import File
from pyinfra.facts.server import Kernel
from pyinfra.operations import files, python, server


@deploy("Set up the app", data_defaults={"app_workers": 2})
def app():
    files.directory(name="Make its directory", path="app", mode="750")

    config = files.template(
        name="Write its config",
        src="templates/app.conf.j2",
        dest="app/app.conf",
        workers=host.data.app_workers,
        kernel=host.get_fact(Kernel),
    )
    server.shell(
        name="Reload it",
        commands=["echo reloaded >> app/app.log"],
        _if=config.did_change,
    )


def report():
    logger.info(f"{host.name}: the config has {host.get_fact(File, path='app/app.conf')['size']} bytes")


app()
python.call(name="Report", function=report)
