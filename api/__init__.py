"""The JSON API: the same commands and read models as the pages, for programs."""
