"""The database: models, engine, queries, migrations. Knows nothing of chat platforms or rules."""
