"""Why something cannot be done, as a code the conversation puts into words."""

from enum import StrEnum


class Why(StrEnum):
    """The reasons."""

    NOT_FOUND = "not_found"
    NOT_YOURS = "not_yours"
    WRONG_STATE = "wrong_state"
    WORDS_NEEDED = "words_needed"
    PHOTO_NEEDED = "photo_needed"
    TOO_SOON = "too_soon"
    TOO_LATE = "too_late"
    NOT_A_STEWARD = "not_a_steward"
    DEADLINE_OVER = "deadline_over"
    NOT_LATER = "not_later"
    CAP_REACHED = "cap_reached"
    NO_ROOM = "no_room"
    OWN_CASE = "own_case"
    KEPT_PRIVATE = "kept_private"
    OTHER_KIND = "other_kind"
    NOBODY_ELSE = "nobody_else"
    PRIVATE = "private"
    LAST_ADMIN = "last_admin"
    BUSY = "busy"


class Refused(Exception):
    """The move is not allowed; nothing was changed."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why
