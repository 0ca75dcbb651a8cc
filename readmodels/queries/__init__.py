"""Typed reads for views. The only way from a page to the read tables; a fixed number of queries each."""
