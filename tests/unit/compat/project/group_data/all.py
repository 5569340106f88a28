import os

base = os.environ["SHOP_BASE"]
shop_name = "Corner"
