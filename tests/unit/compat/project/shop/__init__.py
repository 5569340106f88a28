from shop.deploys import open_shop

__all__ = ["open_shop"]
