"""Following the store for as long as a process runs, and how far everything has come."""
