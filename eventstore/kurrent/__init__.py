"""KurrentDB (EventStoreDB) as the store: docs/adr/0012."""
