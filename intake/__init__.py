"""Programs that bring work in from outside and act on every aggregate: the importer and the demo history."""
