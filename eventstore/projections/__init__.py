"""Read models: their rows, and how they advance, are rebuilt, are verified, and are replayed for one
aggregate."""
