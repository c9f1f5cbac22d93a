"""What a call raises that was not answered."""

from bot.channels.telegram.errors import NetworkError, TimedOut


def trouble(error: Exception) -> NetworkError:
    """Return what the library would raise, with nothing in it of the URL."""
    name = type(error).__name__
    return (
        TimedOut(f"Timed out ({name})") if isinstance(error, TimeoutError) else NetworkError(f"No connection ({name})")
    )
