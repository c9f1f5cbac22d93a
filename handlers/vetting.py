"""What a coordinator does with a wish, and what the wisher lets be shown afterwards."""

from cases import filing, life
from cases.given import Given
from cases.refusal import Refused, Why
from cases.states import Action, State
from handlers import proof, words
from handlers.announce import announce, show_task
from handlers.desk import Desk
from handlers.message import Choice, Message
from handlers.talk import Talk
from handlers.task_card import VISIBILITY
from handlers.texts import Translate
from storage.models import Case


def accept(talk: Talk, case: Case, _argument: str) -> None:
    """Accept a wish: it is offered. One for the coordinator alone is given to somebody instead."""
    if case.visibility == "coordinator":
        raise Refused(Why.WRONG_STATE)
    step = life.act(talk.context, case, Action.VET, talk.actor)
    talk.toast(talk.t("It is offered now."))
    announce(talk, [step])


def to_issue(talk: Talk, case: Case, _argument: str) -> None:
    """Make a wish a report: its words say of which kind."""
    meant = talk.rules.understander.read(case.words, case.place_id)
    category = meant.category or talk.rules.settings.fallback
    steps = filing.to_issue(talk.context, case, talk.actor, category)
    talk.toast(talk.t("It is a report now."))
    announce(talk, steps)


def to_wish(talk: Talk, case: Case, _argument: str) -> None:
    """Make a report a wish, to be vetted."""
    category = talk.rules.wish_kind(case.words)
    step = life.act(talk.context, case, Action.TO_WISH, talk.actor, Given(category=category))
    talk.toast(talk.t("It is a micro-wish now."))
    announce(talk, [step])
    ask_visibility(talk, case)


def ask_visibility(desk: Desk, case: Case) -> None:
    """Ask the wisher who may read what was told as a report."""

    def say(t: Translate) -> Message:
        rows = tuple((Choice(t(label), f"c:see:{case.id}:{key}"),) for key, label in VISIBILITY.items())
        text = t("It is handled as a micro-wish. Who may read it?")
        return Message(text, title=words.headline(desk.rules, case, t), choices=rows, card=f"see:{case.id}")

    desk.tell(case.reporter_id, say, case_id=case.id)


def see(talk: Talk, case: Case, argument: str) -> None:
    """Take who may read the wish."""
    mine = case.kind == "wish" and case.state == State.REVIEW and case.reporter_id == talk.person.person_id
    if not mine or argument not in VISIBILITY:
        raise Refused(Why.WRONG_STATE)
    case.visibility = argument
    text = talk.t("Who may read it: {who}").format(who=talk.t(VISIBILITY[argument]))
    talk.redraw(Message(text, title=words.headline(talk.rules, case, talk.t), card=f"see:{case.id}"), case_id=case.id)
    show_task(talk, case, case.answerable_id, fresh=False)


def publish(talk: Talk, case: Case, argument: str) -> None:
    """Take what the wisher lets be shown on the wall of fulfilled wishes, down to which photos."""
    what, _, who = argument.partition("-")
    if what not in ("photo", "words", "no", "ask") or who not in ("name", "anonymous"):
        raise Refused(Why.WRONG_STATE)
    if what == "ask":  # with or without the name
        life.require(talk.context, case, Action.PUBLISH, talk.actor)
        talk.redraw(_publish_card(talk, case, named=who == "name"), case_id=case.id)
        return
    photos = proof.of_result(talk.session, case.id) if what == "photo" else ()
    facts = {"shown": what, "name": who == "name", "photos": list(photos)}
    life.act(talk.context, case, Action.PUBLISH, talk.actor, Given(data=facts))
    case.publish = what != "no"
    if case.publish:
        case.visibility = who
    title = words.headline(talk.rules, case, talk.t)
    talk.redraw(Message(talk.t("Noted. Thank you!"), title=title, card=publish_key(case)), case_id=case.id)


def ask_publish(talk: Talk, case: Case) -> None:
    """Ask the wisher whether the fulfilled wish may be shown; one of a private kind never is."""
    if not talk.rules.category(case).private and case.visibility in ("name", "anonymous"):
        talk.say(_publish_card(talk, case, named=case.visibility == "name"), case_id=case.id)


def _publish_card(talk: Talk, case: Case, *, named: bool) -> Message:
    """Return the question: what would be shown stands in it, the photos too."""
    t, photos = talk.t, proof.of_result(talk.session, case.id)
    who, other = ("name", "anonymous") if named else ("anonymous", "name")
    name = t("· your name: {name}").format(name=talk.person.name) if named else t("· not your name")
    lines = [
        t("May we show your wish on the wall of fulfilled wishes? Everybody can read there:"),
        t("· the words of your wish, without your door number"),
        t("· who fulfilled it"),
        name,
    ]
    if photos:
        lines.append(t("· the photos of the result, if you like. Please ask first who can be seen in them."))

    def choice(label: str, what: str, who: str = who) -> tuple[Choice, ...]:
        return (Choice(label, f"c:publish:{case.id}:{what}-{who}"),)

    yes = (choice(t("Yes, with the photos"), "photo"), choice(t("Yes, without the photos"), "words"))
    rows = (
        *(yes if photos else (choice(t("Yes, show it"), "words"),)),
        choice(t("Do not show it"), "no"),
        choice(t("Without my name") if named else t("With my name"), "ask", other),
    )
    title = words.headline(talk.rules, case, t)
    return Message("\n".join(lines), title=title, choices=rows, photos=photos, card=publish_key(case))


def publish_key(case: Case) -> str:
    """Return the key of the card that asks whether the wish may be shown."""
    return f"publish:{case.id}"
