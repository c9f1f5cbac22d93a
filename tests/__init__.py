"""Tests: stories first, then the parts."""
