"""As many inventories of v3 are: lists, data beside hosts and groups, names of connectors."""

shops = (["@local"], {"currency": "EUR"})
