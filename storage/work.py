"""What a store carries out: a function over a session, in one transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

T = TypeVar("T")
Work = Callable[[Session], T]

READERS = 4  # connections that only read, beside those that write


def session_over(bind: Engine | Connection) -> Session:
    """Return a session for one transaction."""
    return Session(bind, expire_on_commit=False)


def told(error: StopIteration) -> RuntimeError:
    """Return what a future takes in place of a StopIteration: else whoever waits for it waits for ever."""
    return RuntimeError(f"{type(error).__name__}: nothing came where something had to")


@contextmanager
def tellable() -> Iterator[None]:
    """Raise only what a future takes."""
    try:
        yield
    except StopIteration as error:
        raise told(error) from None  # with a cause, contextlib takes it for the StopIteration itself
