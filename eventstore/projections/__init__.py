"""Read models: their rows, how they advance, are rebuilt, verified, and replayed for one aggregate."""
