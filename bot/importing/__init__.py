"""`redsteward import`: people and places out of a table, all rows or none."""
