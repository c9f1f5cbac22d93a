"""What coordinators and admins do in chat: one file a matter."""
