"""What a store carries out: a function over a session, in one transaction."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

T = TypeVar("T")
Work = Callable[[Session], T]

READERS = 4  # connections that only read, beside those that write


def session_over(bind: Engine | Connection) -> Session:
    """Return a session for one transaction."""
    return Session(bind, expire_on_commit=False)
