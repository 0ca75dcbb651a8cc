"""Programs that bring work in from outside, and so send commands to every aggregate: the importer and the
demo history."""
