"""Measurements, by `make bench`. docs/performance.md says what they show and how they are fair."""
