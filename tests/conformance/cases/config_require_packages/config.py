from pyinfra import config

config.REQUIRE_PACKAGES = ["no-such-package-42"]
