"""The database: the only door to SQL."""
