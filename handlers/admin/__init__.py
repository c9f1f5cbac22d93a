"""What admins do in chat."""
