"""Logs: one JSON object a line, never the words, names or numbers of people, never a secret."""

import logging
import sys

import structlog

QUIET = ("apscheduler", "telegram", "httpx", "alembic", "asyncio", "uvicorn.error")


def set_up(level: int = logging.INFO) -> None:
    """Send structlog's and the libraries' logs to standard error."""
    logging.basicConfig(level=level, stream=sys.stderr, format="%(message)s", force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
