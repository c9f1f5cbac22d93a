"""Logs: one JSON object a line, never the words, names or numbers of people, never a secret.

An error is logged as its kind and where it happened. What it says itself is left out: databases quote the row that
they refuse, libraries the address with the token in it.
"""

import io
import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO, cast

import structlog

from bot.died import frames

QUIET = ("apscheduler", "telegram", "httpx", "alembic", "asyncio", "uvicorn.error")

_TERMINAL = re.compile("[\x7f-\x9f\u2028\u2029]")  # what JSON leaves as it is and a terminal may obey


class _StandardError(io.TextIOBase):
    """Standard error as it is when something is logged: a logger made once outlives a stream that is closed."""

    def write(self, text: str, /) -> int:
        """Write to whatever is standard error now."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Let nothing wait."""
        sys.stderr.flush()


_STDERR = cast("TextIO", _StandardError())


def set_up(level: int = logging.INFO) -> None:
    """Send structlog's and the libraries' logs to standard error."""
    handler = logging.StreamHandler(_STDERR)
    handler.setFormatter(Lines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _without_words,
            structlog.processors.JSONRenderer(serializer=_line),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(_STDERR),
        cache_logger_on_first_use=True,
    )


class Lines(logging.Formatter):
    """What libraries log, in the same form; only its first line, for behind it they show what they had in hand."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line."""
        told = record.getMessage().splitlines() or [""]
        at = datetime.fromtimestamp(record.created, UTC).isoformat()
        line = {"logger": record.name, "event": told[0], "level": record.levelname.lower(), "timestamp": at}
        if record.exc_info and record.exc_info[1] is not None:
            line |= _of(record.exc_info[1])
        return _line(line)


def _without_words(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Replace an exception by its kind and place."""
    given = event.pop("exc_info", None)
    found = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    return {**event, **_of(found)} if isinstance(found, BaseException) else event


def _of(error: BaseException) -> dict[str, Any]:
    return {"error": type(error).__name__, "where": frames(error)}


def _line(event: Any, **options: Any) -> str:
    text = json.dumps(event, ensure_ascii=False, default=options.get("default", str))
    return _TERMINAL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
