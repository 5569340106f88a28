from pyinfra import host
from pyinfra.api.deploy import deploy
from pyinfra.operations import server
from pyinfra.operations.util import any_changed

from shop.facts import MachineKind, Scanner
from shop.operations import pay, ring, stock

DEFAULTS = {"shop_name": "Nameless", "shop_hours": "9-17"}


@deploy("Open the shop", data_defaults=DEFAULTS)
def open_shop(log):
    shelves = stock(
        name="Fill the shelves",
        path=f"{host.data.base}/stock.json",
        articles={"apples": 3},
    )
    ring(name="Ring", text=f"{host.data.shop_name} {host.data.shop_hours} {host.data.currency}", log=log)
    ring(name="Announce", text="new wares", log=log, _if=any_changed(shelves))
    ring(name="Announce again", text="new wares again", log=log, _if=[shelves.did_change, lambda: True])
    ring(name="Never", text="never", log=log, _if=shelves.did_not_change)

    for day in host.loop(["mon", "tue"]):
        ring(name=f"Open on {day}", text=day, log=log)

    with host.when(lambda: host.get_fact(Scanner)):
        ring(name="Scan", text="scanned", log=log)
    kind = {"KIND": host.get_fact(MachineKind)}
    server.shell(name="Say what it is", commands=[f'echo "$KIND" >> {log}'], _env=kind)
    pay(name="Pay", pin=host.data.till_pin, log=log)
