"""Typed reads for views: the only way from a page to the read tables. Each takes a fixed number of
queries."""
