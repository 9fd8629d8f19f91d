"""How a database becomes one of today: Alembic migrations for the record's and the journal's tables."""
