"""Which troubles of the database pass by themselves: a full disk, a lost connection, a server that starts again."""

import sqlite3

from sqlalchemy.exc import DBAPIError

_SQLITE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN})
# Classes of SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html): connection, transaction taken
# back (deadlock), insufficient resources (disk full), operator intervention (shutting down, starting up), timeouts.
_POSTGRES = ("08", "40", "53", "57", "25P03", "55P03", "25P04")


def passes(error: BaseException) -> bool:
    """Tell whether the same may succeed later. What is wrong with the statement or the schema does not pass."""
    if not isinstance(error, DBAPIError):
        return False
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)  # None: raised by ourselves, after the disk was full
        return isinstance(cause, sqlite3.OperationalError) and (code is None or code & 0xFF in _SQLITE)
    import psycopg  # a desk on SQLite never comes here, and needs none of it

    if isinstance(cause, psycopg.Error):
        state = cause.sqlstate  # None: there is no connection that could tell one
        return isinstance(cause, psycopg.OperationalError) if state is None else state.startswith(_POSTGRES)
    return False
