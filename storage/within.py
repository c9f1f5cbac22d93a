"""What holds for as long as one transaction or savepoint of a session lasts, in its `Session.info`."""

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction


@event.listens_for(Session, "after_transaction_create")
@event.listens_for(Session, "after_transaction_end")
def forget(session: Session, _transaction: SessionTransaction) -> None:
    """Forget it: another one begins, or the one around it goes on."""
    session.info.clear()
