"""Following the store as long as a process runs, and how far each reader has come."""
