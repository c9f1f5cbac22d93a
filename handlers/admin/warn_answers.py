"""What people answer to a warning: that they are safe, or that they need help, which is an emergency at once."""

from cases import broadcasts, filing, life
from cases.broadcasts import Stage
from cases.filing import Draft
from cases.given import Given
from cases.refusal import Refused, Why
from cases.states import UNDER_WAY, Action, State
from handlers import work
from handlers.announce import announce
from handlers.clean import cut
from handlers.message import Choice, Message
from handlers.talk import Talk
from handlers.texts import N_
from storage.admin_models import Broadcast, BroadcastAnswer
from storage.models import Case

SHOWN_WORDS = 100  # characters of the warning in the words of a call for help
SEEN = (Stage.SENDING, Stage.STOPPING, Stage.STOPPED, Stage.DONE)
NOW_SAFE, AGAIN = N_("Says now: I am safe."), N_("Asks for help again.")
KNOWN = N_("Your call for help #{number} is being dealt with.")


def safe(talk: Talk, number: int) -> None:
    """Note that somebody is safe; who has called for help before stays looked after, and the steward hears of it."""
    warning = _answered(talk, number, "safe")
    if warning is None:
        return
    said = broadcasts.answer(talk.context, number, talk.person.person_id, "safe")
    case = _open_case(talk, said)
    if case is not None:
        _tell(talk, case, talk.t(NOW_SAFE))
    talk.toast(talk.t("Noted: you are safe. Thank you!"))


def help_(talk: Talk, number: int) -> None:
    """File an emergency where somebody lives, once, and ask for the rest."""
    warning = _answered(talk, number, "help")
    if warning is None:
        return
    before = talk.session.get(BroadcastAnswer, (number, talk.person.person_id))
    was_safe = before is not None and before.answer == "safe"
    said = broadcasts.answer(talk.context, number, talk.person.person_id, "help")
    if said.case_id is None:
        _file(talk, warning, said)
        return
    case = _open_case(talk, said)
    if case is None:
        _no_longer_open(talk, said.case_id)
        return
    if was_safe:
        _tell(talk, case, talk.t(AGAIN))
    talk.toast(talk.t(KNOWN).format(number=case.id))
    _ask(talk, case)


def _no_longer_open(talk: Talk, number: int) -> None:
    """Say what is true of a call for help that was dealt with, or joined with another."""
    case = talk.session.get_one(Case, number)
    if case.merged_into is not None:
        talk.toast(talk.t(KNOWN).format(number=case.merged_into))
        return
    text = talk.t("#{number} is closed already. If you need help now, write here what is the matter, or phone.")
    talk.toast(text.format(number=number), alert=True)


def _answered(talk: Talk, number: int, what: str) -> Broadcast | None:
    """Return the warning if this answer can be given to it by this person."""
    warning = talk.session.get(Broadcast, number)
    if warning is None:
        raise Refused(Why.NOT_FOUND)
    if warning.state not in SEEN:
        talk.toast(talk.t("That is only how it will look."))
        return None
    if what not in warning.buttons or not broadcasts.got(talk.session, number, talk.person.person_id):
        raise Refused(Why.NOT_FOUND)
    return warning


def _open_case(talk: Talk, said: BroadcastAnswer) -> Case | None:
    if said.case_id is None:
        return None
    case = life.load(talk.context, said.case_id)
    return case if State(case.state) in UNDER_WAY else None


def _tell(talk: Talk, case: Case, words: str) -> None:
    announce(talk, [life.act(talk.context, case, Action.SUPPLEMENT, talk.actor, Given(words))])


def _file(talk: Talk, warning: Broadcast, said: BroadcastAnswer) -> None:
    """File it at home; of whom no home is known, where the warning went, and ask where they are."""
    person = talk.person
    at_home = person.home_id is not None and talk.rules.tree.find(person.home_id) is not None
    place, detail = (person.home_id, person.home_detail) if at_home else (warning.place_id, "")
    shown, shortened = cut(warning.words, SHOWN_WORDS)
    words = talk.t("I need help (answer to the warning “{words}”)").format(words=shown + ("…" if shortened else ""))
    kind = talk.rules.settings.help_kind
    made = Draft(f"w{warning.id}p{person.person_id}", words, kind.key, place or warning.place_id, detail, True)
    case, steps = filing.file(talk.context, made, talk.actor, talk.inbound.channel, talk.inbound.chat)
    said.case_id = case.id
    announce(talk, steps)
    talk.toast(talk.t("Your call for help is filed: #{number}.").format(number=case.id))
    _ask(talk, case, where=not at_home)


def _ask(talk: Talk, case: Case, *, where: bool = False) -> None:
    """Ask for words, or where they are; what is written next goes to the steward, whatever it sounds like."""
    t = talk.t
    talk.begin(work.KIND, "add", {"case": case.id, "words": "", "files": [], "help": True}, work.COLLECTS_FOR)
    text = t("Help is being sent for. Now write where exactly you are, how many you are and what you need; "
             "a photo or your location helps too.")  # fmt: skip
    if where:
        text = t("Help is being sent for. We do not know where you live: write at once which building, unit and door, "
                 "how many you are and what you need.")  # fmt: skip
    talk.say(Message(text, choices=((Choice(t("Never mind"), f"c:stop:{case.id}"),),)), case_id=case.id)
