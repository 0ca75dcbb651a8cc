"""Events in a file, and from store to store."""
