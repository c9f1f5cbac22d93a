"""Named places at which a test lets the program fail, stand still or die; otherwise each is one look at a global.

Nothing in the program, no setting and no environment variable, arms them: `tests/faults/desk.py` does, in a process of
its own.
"""

from collections.abc import Callable

Strike = Callable[[str], None]

_strike: Strike | None = None


def hit(point: str) -> None:
    """Pass a place. `point` is one of `POINTS`."""
    if _strike is not None:
        _strike(point)


def arm(strike: Strike | None) -> None:
    """Have `strike` called with the name of each place that is passed; None: no more."""
    global _strike
    _strike = strike


POINTS: dict[str, str] = {
    "store.begin": "a transaction begins",
    "store.before_commit": "everything is written, nothing committed",
    "store.after_commit": "committed, and nobody told yet",
    "store.read": "a reading transaction begins",
    "inbox.before_key": "an update is here, nothing of it noted",
    "inbox.after_key": "its key is written",
    "inbox.before_handler": "its person is found",
    "inbox.after_handler": "the handler is through, its words not written",
    "inbox.before_commit": "all of an update is written",
    "inbox.after_commit": "committed, not acknowledged to the platform",
    "case.before_history": "a case is changed, its history not",
    "case.after_history": "a case and its history are changed, nobody told",
    "outbox.before_claim": "the outbox looks for what is due",
    "outbox.in_claim": "rows are claimed, not committed",
    "outbox.claimed": "rows are claimed, nothing sent",
    "outbox.before_send": "a call is about to be made",
    "telegram.before_response": "Telegram has the call, its answer is not read",
    "outbox.after_send": "the answer is read, nothing marked",
    "outbox.in_mark": "a row is marked, not committed",
    "outbox.after_mark": "a row is marked",
    "outbox.before_renewal": "a lease is half over",
    "outbox.in_renewal": "a lease is renewed, not committed",
    "clock.before_look": "cases are due",
    "clock.in_look": "cases are looked at, nothing committed",
    "clock.after_look": "cases are looked at",
    "clock.before_slot": "a daily or weekly round is due",
    "clock.in_slot": "some of a round are served, not committed",
    "clock.after_slot": "some of a round are served",
    "token.claimed": "the fetching of a token is claimed",
    "token.fetched": "a token is fetched, not written down",
    "token.written": "a token is written down",
    "file.before_write": "a file is here, nothing of it on the disk",
    "file.before_rename": "a file is on the disk under a name of its own",
    "file.after_rename": "a file is on the disk, its row not",
    "fetcher.claimed": "the fetching of files is claimed",
    "fetcher.before_mark": "a file is fetched, its row waits",
    "workshop.taken": "a commission is taken",
    "workshop.made": "it is made, not handed over",
    "workshop.in_mark": "it is handed over and marked, not committed",
    "workshop.after_mark": "it is handed over and marked",
    "broadcast.before_chunk": "copies of a warning are to be written",
    "broadcast.in_chunk": "some copies are written, not committed",
    "broadcast.after_chunk": "some copies are written",
    "keeper.before_step": "something is to be removed",
    "keeper.after_step": "something is removed",
    "keeper.before_files": "files are to be taken off the disk",
    "keeper.after_files": "files are off the disk, their names not forgotten",
    "import.taken": "an import is taken over, not carried out",
    "import.before_report": "an import is carried out, not reported",
}
