"""The rules: what may happen to a case, who gets it, by when. No texts, no platforms."""
