"""v3's connectors: what authors of connectors build on. A connector that is not here is ropewalk's own."""

from __future__ import annotations
