"""The conversations: what to ask, say and offer. No platform, no network, no clock of its own."""
