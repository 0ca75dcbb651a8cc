"""Measurements, by `make bench`. What they say and how they are fair: docs/performance.md."""
