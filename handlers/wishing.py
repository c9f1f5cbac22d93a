"""微心愿: the choices on the card of a wish in the making."""

from datetime import timedelta

from handlers import draft, wish_card
from handlers.clean import clean, cut, has_words
from handlers.draft import Telling
from handlers.message import Choice, Message, Rows
from handlers.talk import Talk
from handlers.task_card import VISIBILITY
from handlers.texts import N_

BENEFICIARY = 80  # characters
DAYS = {7: N_("within a week"), 30: N_("within a month"), 0: N_("no hurry")}
PEOPLE = {1: N_("one"), 2: N_("two"), 3: N_("three"), 5: N_("five"), 0: N_("Whoever can")}
STEP = "beneficiary"


def ask_for_whom(talk: Talk, telling: Telling, argument: str) -> None:
    """Ask for whom it is; for a neighbour, who that is and whether they agree (代报)."""
    t = talk.t
    if argument == "me":
        telling.beneficiary, telling.consent = "", None
    elif argument == "family":
        telling.beneficiary, telling.consent = t("my family"), None
    elif argument == "neighbour" and talk.in_group:
        talk.toast(t("Please tell this wish to me in private: tap my name. Nobody's name belongs in the group."))
        return
    elif argument == "neighbour":
        keep(talk, telling, STEP)
        talk.question(t("Who is it for? Write the name, so that we can find them."))
        return
    else:
        labels = {"me": t("For me"), "family": t("For my family"), "neighbour": t("For a neighbour")}
        _ask(talk, telling, t("For whom is it?"), [(label, f"for:{key}") for key, label in labels.items()])
        return
    redraw(talk, telling)


def hear_beneficiary(talk: Talk, telling: Telling) -> None:
    """Take the neighbour's name, and ask whether they agree."""
    said = clean(talk.inbound.text)
    if not has_words(said):
        talk.question(talk.t("Please say it in a few words."))
        return
    telling.beneficiary, telling.consent = cut(said, BENEFICIARY)[0], False
    keep(talk, telling, "card")
    t = talk.t
    rows = ((Choice(t("Yes, they agree"), f"r:{telling.id}:agrees:yes", "primary"),),
            (Choice(t("I have not asked yet"), f"r:{telling.id}:agrees:no"),))  # fmt: skip
    text = t("Does {name} agree that you tell it for them?").format(name=telling.beneficiary)
    talk.say(Message(text, choices=rows, card=draft.card_key(telling.id)))


def take_consent(talk: Talk, telling: Telling, argument: str) -> None:
    """Note whether the neighbour agrees; without that nothing is filed."""
    telling.consent = argument == "yes"
    redraw(talk, telling)


def lacks_consent(telling: Telling) -> bool:
    """Tell whether a neighbour has to be asked first."""
    return telling.wish and telling.consent is False


def ask_consent(talk: Talk, telling: Telling) -> None:
    """Say that the neighbour has to be asked first."""
    name = talk.t("your neighbour") if talk.in_group else telling.beneficiary
    text = talk.t("Please ask {name} first; then press For whom again.").format(name=name)
    talk.redraw(wish_card.show(talk, telling, text))


def ask_who_reads(talk: Talk, telling: Telling, argument: str) -> None:
    """Ask who may read the wish."""
    if argument in VISIBILITY:
        telling.visibility = argument
        redraw(talk, telling)
        return
    choices = [(talk.t(label), f"see:{key}") for key, label in VISIBILITY.items()]
    _ask(talk, telling, talk.t("Who may read it?"), choices)


def ask_by(talk: Talk, telling: Telling, argument: str) -> None:
    """Ask by when one hopes for it."""
    if argument.isascii() and argument.isdecimal() and int(argument[:4]) in DAYS:
        days = int(argument[:4])
        telling.by = (talk.context.now + timedelta(days=days)).isoformat() if days else None
        redraw(talk, telling)
        return
    _ask(talk, telling, talk.t("By when?"), [(talk.t(label), f"by:{days}") for days, label in DAYS.items()])


def ask_people(talk: Talk, telling: Telling, argument: str) -> None:
    """Ask how many people it takes."""
    if argument.isascii() and argument.isdecimal() and int(argument[:4]) in PEOPLE:
        telling.people = int(argument[:4])
        redraw(talk, telling)
        return
    choices = [(talk.t(label), f"people:{count}") for count, label in PEOPLE.items()]
    _ask(talk, telling, talk.t("How many people does it take?"), choices)


def as_wish(talk: Talk, telling: Telling, _argument: str) -> None:
    """What was told as a report is a wish."""
    telling.wish, telling.emergency = True, False
    telling.category = talk.rules.wish_kind(telling.words)
    redraw(talk, telling)


def as_report(talk: Talk, telling: Telling, _argument: str) -> None:
    """What was told as a wish is a report."""
    telling.wish = False
    meant = talk.rules.understander.read(telling.words, talk.person.home_id)
    telling.category, telling.emergency = meant.category, meant.emergency
    redraw(talk, telling)


def keep(talk: Talk, telling: Telling, step: str) -> None:
    """Keep the wish in the dialogue."""
    talk.begin("report", step, telling.data())


def redraw(talk: Talk, telling: Telling) -> None:
    """Show the card anew."""
    keep(talk, telling, "card")
    talk.redraw(draft.show(talk, telling))


def _ask(talk: Talk, telling: Telling, text: str, choices: list[tuple[str, str]]) -> None:
    rows: Rows = tuple((Choice(label, f"r:{telling.id}:{data}"),) for label, data in choices)
    back = (Choice(talk.t("‹ Back to the report"), f"r:{telling.id}:card"),)
    talk.redraw(Message(text, choices=(*rows, back), card=draft.card_key(telling.id)))
