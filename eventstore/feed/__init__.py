"""One follower of the store for a process, and any number of readers of its events."""
