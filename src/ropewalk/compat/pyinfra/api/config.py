"""v3's settings."""

from __future__ import annotations

from typing import Any

from ropewalk.api.config import Config as Config

ConfigDefaults = Config

config_defaults: dict[str, Any] = {key: value for key, value in vars(Config).items() if key.isupper()}
