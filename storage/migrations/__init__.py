"""Alembic's scripts: from one released schema to the next, on SQLite and PostgreSQL."""
