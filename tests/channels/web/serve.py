"""A real server on a free port of this machine, in the test's own event loop."""

import contextlib
from collections.abc import AsyncIterator, Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute


@contextlib.asynccontextmanager
async def serving(routes: Sequence[BaseRoute], port: int = 0) -> AsyncIterator[str]:
    """Serve the routes; yields host and port. Open sockets are cut at the end, as when a machine goes away."""
    config = uvicorn.Config(
        Starlette(routes=list(routes)), host="127.0.0.1", port=port, log_level="error", lifespan="off",
        http="h11", timeout_graceful_shutdown=1,
    )  # fmt: skip
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()  # not `serve`: its loop takes a tenth of a second to notice that it should end
    found = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"127.0.0.1:{found}"
    finally:
        await server.shutdown()
