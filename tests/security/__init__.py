"""Hostile input, line by line as `docs/security.md` lists it."""
