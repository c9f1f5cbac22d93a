"""What stands on a building's poster."""

from dataclasses import dataclass

from handlers.texts import Translate


@dataclass(frozen=True, slots=True)
class PosterWords:
    """The words of one sheet."""

    head: str
    desk: str
    place: str
    steps: tuple[str, ...]
    wechat: str
    telegram: str
    urgent: str
    note: str


def poster_words(t: Translate, place: str, desk: str) -> PosterWords:
    """Return the words of the sheet for a place."""
    return PosterWords(
        head=t("Something wrong? Just say so."),
        desk=desk,
        place=place,
        steps=(
            t("1. Scan the code with your phone."),
            t("2. Say it in a sentence, or send a photo."),
            t("3. A steward sees to it; you hear every step."),
        ),
        wechat=t("Scan with WeChat"),
        telegram=t("Scan with Telegram"),
        urgent=t("In an emergency phone first: fire 119 · ambulance 120 · police 110"),
        note=t("This code belongs to {place}: you need not say where you live.").format(place=place),
    )
