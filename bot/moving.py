"""`redsteward db copy`: a district from SQLite to PostgreSQL, or back, counted and compared."""

from contextlib import ExitStack

from sqlalchemy import Connection, make_url

from storage.hold import held
from storage.loading import empty_tables, go_on_counting, numbers, references_later, same_shapes
from storage.migrate import newest, revision_of, upgrade
from storage.portable import CannotMove, Shape, others, rows, shapes, snapshot, sums, transaction, write


def copy(source: str, target: str) -> dict[str, int]:
    """Copy every row into an empty database; return how many each table has, once both were compared.

    All or nothing. Neither may be in use: what a desk takes in meanwhile would stay behind. Raises CannotMove, or
    InUse where a SQLite file is held.
    """
    if make_url(source) == make_url(target):
        raise CannotMove("both are the same database; name another target")
    with ExitStack() as both:
        both.enter_context(held(source))
        both.enter_context(held(target))
        reading = both.enter_context(snapshot(source))
        _nobody_else(reading, "source")
        if (schema := revision_of(reading)) != newest():
            raise CannotMove(f"the source has schema {schema}, this program {newest()}; run db upgrade on it first")
        if upgrade(target) != schema:
            raise CannotMove("the target has another schema; name a new database")
        with transaction(target) as writing:
            _nobody_else(writing, "target")
            return _copy(reading, writing)


def _nobody_else(connection: Connection, which: str) -> None:
    if count := others(connection):
        raise CannotMove(f"{count} other programs are connected to the {which}; stop them first")


def _copy(reading: Connection, writing: Connection) -> dict[str, int]:
    tables: list[Shape] = shapes(reading)
    same_shapes(tables, empty_tables(writing))
    with references_later(writing, tables):
        for shape in tables:
            write(writing, shape, rows(reading, shape))
    go_on_counting(writing, numbers(reading))
    before, after = sums(reading, tables), sums(writing, tables)
    for name, total in before.items():
        if total != after[name]:
            raise CannotMove(f"table {name} is not the same in both; nothing was copied")
    return {name: total.rows for name, total in after.items()}
