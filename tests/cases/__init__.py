"""Rules and understanding."""
