"""Restarts an app host by host, and goes on only when the last one is healthy again.

ropewalk inventory.py deploy.py --fail-percent 0
"""

import time
import urllib.request

from ropewalk import host
from ropewalk.api import DeployError
from ropewalk.operations import python, server


def healthy(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def restart_and_wait(patience):
    server.shell(name="Restart", commands=[host.data.restart])

    address = host.data.get("ssh_hostname", host.name)
    url = f"http://{address}:{host.data.health_port}/health"
    give_up = time.monotonic() + patience
    while not healthy(url):
        if time.monotonic() > give_up:
            raise DeployError(f"{url} is not healthy after {patience} s")
        time.sleep(0.5)


# One operation, so that restart and check of a host come before the next host's: `_serial` bounds each operation.
python.call(name="Restart, and wait until it answers", function=restart_and_wait, patience=30, _serial=True)
