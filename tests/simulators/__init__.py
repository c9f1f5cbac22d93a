"""Local, strict stand-ins for the platforms' servers."""
