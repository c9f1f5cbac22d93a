"""A list of cases for who leads: the filter in words, how many, a page of buttons that open them, other views."""

from zlib import crc32

from cases import finding, search
from cases.finding import Found
from cases.search import LEADING, Filter
from cases.states import UNDER_WAY, State
from handlers import words
from handlers.admin.filter_code import code_of, filter_of, in_view
from handlers.admin.filter_words import how_to, say_filter, today_of
from handlers.admin.filters import Parsed, parse
from handlers.message import Choice, Message, Rows
from handlers.pages import page_of, turn
from handlers.talk import Talk
from handlers.texts import N_
from storage.models import Case

PER_PAGE = 8
LISTS = 36**3  # so many lists of one chat keep their own message; then the oldest one's name is used again
VIEWS = (("", N_("All")), ("late", N_("Late")), ("unassigned", N_("Unassigned")), ("mine", N_("Mine")))


def read(talk: Talk, text: str, roles: tuple[str, ...] = LEADING) -> Parsed:
    """Read a filter; whose building 3 is meant is settled by where the reader leads."""
    led = search.led_places(talk.rules.tree, talk.actor, roles)
    return parse(text, talk.rules, led[0] if led else None, today_of(talk.context))


def places(talk: Talk, asked: Filter, roles: tuple[str, ...] = LEADING) -> tuple[int, ...]:
    """Return where the reader may look for it: the places they lead, as far as they lie in what is asked for."""
    tree = talk.rules.tree
    return search.narrowed(tree, search.led_places(tree, talk.actor, roles), asked.place_id)


def say_outside(talk: Talk, asked: Filter) -> str:
    """Return that a place is none of the reader's."""
    place = talk.rules.tree.find(asked.place_id) if asked.place_id is not None else None
    name = talk.rules.tree.label(place.id) if place else ""
    return talk.t("{place} is not where you lead.").format(place=name)


def show(talk: Talk, which: str, page: int, code: str, asked: Filter) -> Found:
    """Show a page of the list `which`: on its message where a button was pressed, else on a new one."""
    t = talk.t
    roots = places(talk, asked)
    found = finding.find(talk.context, talk.actor, asked, roots)
    ids, page, pages = page_of(found.ids, page, PER_PAGE)
    rows = [(Choice(_line(talk, case), f"c:card:{case.id}"),) for case in finding.load(talk.context, ids)]
    turning = turn(page, pages, f"k:{which}:{{page}}:{code}", t)
    text = "\n".join(_count(talk, found, asked, page, pages))
    choices = (*rows, *turning, _views(talk, which, code, asked), *_others(talk, which, code, asked, found))
    message = Message(text, title=say_filter(talk.context, asked, t), choices=choices, card=card_of(which))
    (talk.redraw if talk.inbound.press is not None else talk.say)(message)
    return found


def new_list(talk: Talk) -> str:
    """Return the name of a new list: its message is changed in place, beside other lists in the chat."""
    return str(crc32(talk.inbound.key.encode()) % LISTS)


def card_of(which: str) -> str:
    """Return the key of the card of a list."""
    return f"cases:{which}"


def say_doubts(talk: Talk, parsed: Parsed, command: str, data: str) -> None:
    """Say what was not understood, with what may be meant as a button, and what can be written."""
    t, which = talk.t, new_list(talk)
    lines = [t(doubt.why).format(said=doubt.said) for doubt in parsed.doubts]
    lines += [t("Did you mean “{words}”?").format(words=doubt.instead) for doubt in parsed.doubts if doubt.instead]
    rows: Rows = ()
    if text := parsed.corrected():
        meant = read(talk, text)
        if not meant.doubts and meant.number is None:
            label = say_filter(talk.context, meant.asked, t)
            rows = ((Choice(label, data.format(which=which, code=code_of(talk, meant.asked)), "primary"),),)
    lines += ["", how_to(talk.rules, command, t)]
    talk.say(Message("\n".join(lines), choices=rows, card=card_of(which)))


def again(talk: Talk, code: str) -> Filter | None:
    """Return the filter of a button; None where it is too old or invented, and that is said."""
    asked = filter_of(talk, code)
    if asked is None:
        talk.toast(talk.t("This list is too old. Please write it once more."))
    return asked


def _line(talk: Talk, case: Case) -> str:
    t = talk.t
    parts = [words.headline(talk.rules, case, t), talk.rules.tree.short(case.place_id), words.state(case, t)]
    if State(case.state) in UNDER_WAY and not words.waits(case):
        parts.append(words.due(talk, case, t))
    return " · ".join(parts)


def _count(talk: Talk, found: Found, asked: Filter, page: int, pages: int) -> list[str]:
    """Return how many there are, in which order they stand, and what was not looked at."""
    t = talk.t
    lines = []
    if found.ids:
        count = f"{len(found.ids)}+" if found.more else str(len(found.ids))
        text = t("{count} in all, page {page} of {pages}. Tap one to open it.")
        lines = [text.format(count=count, page=page + 1, pages=pages), _order(talk, asked)]
    elif found.looked_at is None:
        lines = [t("Nothing was found.")]
    if found.looked_at is not None:
        text = t("Only the newest {count} were looked at. With a place or a time you see older ones.")
        lines.append(text.format(count=f"{found.looked_at:,}"))
    if found.people is not None:
        lines.append(t("Only the newest {count} people were looked at.").format(count=f"{found.people:,}"))
    if found.more and page == pages - 1:
        lines.append(t("The list ends here. Add a place or a time to see the others."))
    return lines


def _order(talk: Talk, asked: Filter) -> str:
    return talk.t("Nearest deadline first.") if asked.by_deadline else talk.t("The newest first.")


def _views(talk: Talk, which: str, code: str, asked: Filter) -> tuple[Choice, ...]:
    """Return the buttons of the common filters; the present one is marked."""
    shown = [flag for flag, _ in VIEWS[1:] if getattr(asked, flag)] or ([] if asked.states else [""])
    return tuple(
        Choice(("✓ " if [flag] == shown else "") + talk.t(label), f"k:{which}:0:{in_view(code, flag)}")
        for flag, label in VIEWS
    )


def _others(talk: Talk, which: str, code: str, asked: Filter, found: Found) -> Rows:
    """Return what else can be done with it: look for the same elsewhere, have it as a sheet."""
    t, row = talk.t, []
    if asked.words:
        row.append(Choice(t("By name"), f"k:{which}:reporter:{code}"))
    elif asked.looks_at_contacts:
        row.append(Choice(t("By words"), f"k:{which}:words:{code}"))
    if found.ids and talk.actor.has("admin") and not asked.looks_at_contacts:
        row.append(Choice(t("As a sheet"), f"x:{code}"))
    return (tuple(row),) if row else ()
