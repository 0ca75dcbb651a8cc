"""One follower of the store for a process, and any number of readers of what it hears."""
