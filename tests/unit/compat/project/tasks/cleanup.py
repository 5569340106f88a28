from pyinfra import host
from shop.operations import ring

ring(name="Sweep", text=f"swept with a {host.data.broom}", log=f"{host.data.base}/log")
