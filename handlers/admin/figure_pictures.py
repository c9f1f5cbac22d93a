"""Figures as pictures, told in the reader's words: rates, course, kinds, lateness by rung, satisfaction."""

from collections.abc import Mapping, Sequence

from cases.breakdowns import Row, Span
from cases.context import Context
from cases.figures import FEW, Rate, Tally
from handlers.admin.figure_words import RATES, name_of, rates_of, say_of, say_percent
from handlers.picture import Bar, Bars, Column, Columns, Picture, Tone
from handlers.texts import N_, Translate

WEEK = 7  # days
TONES: Mapping[str, Tone] = {"confirmation": "resident", "satisfaction": "resident"}
RUNGS = {"unit": N_("Unit"), "building": N_("Building"), "estate": N_("Estate"), "grid": N_("Grid"),
         "community": N_("Community"), "street": N_("Street"), "": N_("Told nobody yet")}  # fmt: skip
STARS = {5: N_("5 very good"), 4: N_("4 good"), 3: N_("3 fair"), 2: N_("2 bad"), 1: N_("1 very bad")}


def summary(tally: Tally, spans: Sequence[Span], subtitle: str, t: Translate) -> Picture:
    """Return the picture of /stats: the rates, and how many cases came when."""
    bars = tuple(_rate_bar(name, rate, t) for name, rate in rates_of(tally))
    panels: tuple[Bars | Columns, ...] = (Bars(bars), *([_columns(spans, t)] if len(spans) > 1 else []))
    return Picture(t("Figures"), subtitle, panels, _foot(t), "" if tally.counted else t("No cases."))


def trend(spans: Sequence[Span], subtitle: str, t: Translate) -> Picture:
    """Return how many came when, and how many of them are done."""
    empty = "" if any(span.tally.counted for span in spans) else t("No cases.")
    return Picture(t("Trend"), subtitle, (_columns(spans, t),), empty=empty)


def kinds(context: Context, rows: Sequence[Row], subtitle: str, t: Translate) -> Picture:
    """Return how many of each kind there are, and how many of them are done."""
    most = max((row.tally.counted for row in rows), default=0)
    bars = tuple(
        Bar(
            name_of(context, "category", row, {}, t), _of(row.tally.completion, t), row.tally.done,
            row.tally.counted, most, _tone("declared", row.tally.completion),
        )
        for row in rows if row.tally.counted
    )  # fmt: skip
    return Picture(t("By kind: done"), subtitle, (Bars(bars),), _foot(t), "" if bars else t("No cases."))


def lateness(tally: Tally, rungs: Mapping[str, int], subtitle: str, t: Translate) -> Picture:
    """Return how many missed their deadline, and up to where that was told."""
    late = Rate(tally.late, tally.due, 0)
    bars = tuple(
        Bar(t(name), t("{part} of {whole}").format(part=rungs[kind], whole=late.part), rungs[kind], rungs[kind],
            max(rungs.values()), "pale" if late.part < FEW else "late")
        for kind, name in RUNGS.items() if rungs.get(kind)
    )  # fmt: skip
    head = Bar(t("Late"), _of(late, t), late.part, late.whole, late.whole, _tone("late", late),
               t("Below: up to where it was told"))  # fmt: skip
    empty = "" if late.part else t("Nothing was late.")
    return Picture(t("Lateness by rung"), subtitle, (Bars((head, *bars)),), _foot(t), empty)


def satisfaction(tally: Tally, marks: Mapping[int | None, Tally], subtitle: str, t: Translate) -> Picture:
    """Return which marks residents gave, and how many said nothing."""
    told = [(t(text), marks.get(stars, Tally()).confirmed) for stars, text in STARS.items()]
    told.append((t("Solved, no mark"), marks.get(None, Tally()).confirmed))
    told.append((t("Not solved, or opened again"), tally.answered - tally.confirmed))
    most = max(*(count for _, count in told), tally.unanswered)
    tone: Tone = "pale" if tally.answered < FEW else "resident"
    bars = [Bar(text, str(count), count, count, most, tone) for text, count in told]
    bars.append(Bar(t("Unrated"), str(tally.unanswered), tally.unanswered, tally.unanswered, most, "pale"))
    rate = _rate_bar("satisfaction", tally.satisfaction, t)
    empty = "" if tally.answered or tally.unanswered else t("Nothing to rate yet.")
    return Picture(t("Satisfaction"), subtitle, (Bars((rate, *bars)),), _foot(t), empty)


def _rate_bar(name: str, rate: Rate, t: Translate) -> Bar:
    return Bar(t(RATES[name].name), say_percent(rate, t), rate.part, rate.whole, rate.whole,
               _tone(TONES.get(name, "declared"), rate), say_of(name, rate, t))  # fmt: skip


def _of(rate: Rate, t: Translate) -> str:
    said = t("{part} of {whole}").format(part=rate.part, whole=rate.whole)
    return said if rate.is_few else f"{said}  {say_percent(rate, t)}"


def _tone(tone: Tone, rate: Rate) -> Tone:
    return "pale" if rate.is_few else tone


def _columns(spans: Sequence[Span], t: Translate) -> Columns:
    columns = tuple(Column(_label(span, spans, t), span.tally.done, span.tally.counted) for span in spans)
    return Columns(t("Reported when, and how many of them are done"), columns, t("done"), t("under way"))


def _label(span: Span, spans: Sequence[Span], t: Translate) -> str:
    """Return a day, the first day of a week, or a month."""
    days = max((one.until - one.since).days for one in spans) + 1
    if days > WEEK:
        return t("{month}/{year}").format(month=span.since.month, year=span.since.year)
    if days == 1:
        return t("{month}-{day}").format(month=span.since.month, day=span.since.day)
    return t("{month}-{day} on").format(month=span.since.month, day=span.since.day)


def _foot(t: Translate) -> str:
    return t("Grey: fewer than {count} cases, no percentage. Unrated is not satisfied.").format(count=FEW)
