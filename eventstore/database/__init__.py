"""Below the stores: statements, URLs, locks and times, and what a database's error means."""
