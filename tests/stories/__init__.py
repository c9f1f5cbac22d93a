"""Conversations that read like stories."""
