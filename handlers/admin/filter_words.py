"""A filter in words: what stands above a list, in a sheet's note, and in the help."""

from datetime import date

from cases.context import Context, Rules
from cases.search import Filter
from cases.states import State
from handlers import words
from handlers.admin.days import say_days
from handlers.texts import N_, Translate

FLAGS = {
    "late": N_("Late"),
    "unassigned": N_("Nobody has it yet"),
    "mine": N_("Mine"),
    "urgent": N_("Urgent"),
    "emergency": N_("Emergencies"),
}
KINDS = {"wish": N_("Micro-wishes"), "issue": N_("Reports")}

HOW_TO = N_(
    "You may write, in any order: late · nobody has it: unassigned · mine · urgent · emergency · report · wish\n"
    "a place: {place}\n"
    "a kind of matter: {category}\n"
    "how far it is: {state}\n"
    "when: today, yesterday, this week, this month, 2026-09-01, 2026-09-01..2026-09-30\n"
    "words in it: words leak\n"
    "a number: 1042\n"
    "For example: {example}"
)


def today_of(context: Context) -> date:
    """Return the day it is here."""
    return context.now.astimezone(context.rules.deadlines.zone).date()


def say_filter(context: Context, asked: Filter, t: Translate) -> str:
    """Return the filter in words, "All cases" for none."""
    rules = context.rules
    parts = [t(name) for flag, name in FLAGS.items() if getattr(asked, flag)]
    parts += [t(KINDS[asked.kind])] if asked.kind else []
    if asked.place_id is not None and rules.tree.find(asked.place_id):
        parts.append(rules.tree.short(asked.place_id))
    if asked.category:
        parts.append(words.category_name(rules.settings.category(asked.category), t))
    parts += [t(words.STATES[state]) for state in State if state in asked.states]
    if asked.since or asked.until:
        parts.append(say_days(asked.since, asked.until, today_of(context), t))
    parts += [t("with “{words}”").format(words=asked.words)] if asked.words else []
    parts += [t("reported by “{name}”").format(name=asked.reporter)] if asked.reporter else []
    parts += [t("phone number …{digits}").format(digits=asked.phone[-4:])] if asked.phone else []
    return " · ".join(parts) or t("All cases")


def how_to(rules: Rules, command: str, t: Translate) -> str:
    """Return what a filter may say, with examples of this desk."""
    building = next(iter(rules.tree.buildings()), None)
    place = rules.tree.short(building.id) if building else next(iter(rules.tree)).name
    category = words.category_name(min(rules.settings.issues, key=lambda kind: len(kind.name)), t)
    example = f"/{command} {t(FLAGS['late'])} {place} {category} {t('this month')}"
    state = t(words.STATES[State.WORKING])
    return t(HOW_TO).format(place=place, category=category, state=state, example=example)
