"""The way to a platform's servers: pools of connections, and no more read of an answer than is allowed."""

import asyncio
from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.response import Response

CONNECT_SECONDS = 5.0
POOL_SECONDS = 15.0  # until there is a connection, waiting for a free one included
CHUNK_BYTES = 64 * 1024


class TooLarge(Exception):
    """A download has more bytes than allowed."""


def pool(connections: int, user_agent: str) -> Client:
    """Return a pool of connections; it takes a proxy from the environment (HTTPS_PROXY, NO_PROXY …) now."""
    return (
        ClientBuilder()
        .http1_only()
        .max_connections(connections)
        .pool_max_idle_per_host(connections)
        .connect_timeout(timedelta(seconds=CONNECT_SECONDS))
        .pool_timeout(timedelta(seconds=POOL_SECONDS))
        .follow_redirects(False)
        .user_agent(user_agent)
        .build()
    )


async def read(response: Response, limit: int, patience: float) -> bytes:
    """Return the body.

    Raises TooLarge once it is longer than `limit` bytes, TimeoutError where nothing comes for `patience` seconds.
    """
    found = bytearray()
    while True:
        async with asyncio.timeout(patience):
            chunk = await response.body_reader.read(CHUNK_BYTES)
        if not chunk:
            return bytes(found)
        found += chunk
        if len(found) > limit:
            raise TooLarge
