"""The store in Django's own database: SQLite or PostgreSQL."""
