"""Reads what a platform answers, and no more of it than is allowed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp

CHUNK_BYTES = 64 * 1024


class TooLarge(Exception):
    """A download has more bytes than allowed."""


async def read(response: "aiohttp.ClientResponse", limit: int) -> bytes:
    """Return the body. Raises TooLarge once it is longer than `limit` bytes."""
    found = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        found += chunk
        if len(found) > limit:
            raise TooLarge
    return bytes(found)
