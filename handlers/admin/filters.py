"""Reads a filter as people write it: /cases 超时 3号楼 电梯 本月, in any order, Chinese or English.

What is not understood is a `Doubt`, with the nearest right form where there is one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from cases.context import Rules
from cases.folding import fold
from cases.locate import Located, Span, blank
from cases.patterns import pattern
from cases.places import PlaceTree
from cases.search import Filter
from cases.wordfinder import WordFinder
from handlers.admin.days import PERIODS, find_days
from handlers.admin.vocabulary import FILLERS, Asks, vocabulary
from handlers.clean import clean
from handlers.texts import N_

READ = 200  # characters of a filter
LONGEST_WORDS = 40  # characters to search for
LIKE = 0.5  # how alike a word and what was meant must be, from 0 to 1

_QUOTED = "[\"“「『']([^\"”」』']+)[\"”」』']"
_WORDS = pattern(
    rf"(?:关键[字词]|包含|内容|keywords?|words?|containing)\s*[:：]?\s*(?:{_QUOTED}|([^\s,;、]+))|{_QUOTED}"
)
_NUMBER = pattern(r"#\s?(\d{1,15})(?!\d)|(?<![\d.-])(\d{4,15})(?![\d号栋幢座楼单室弄-])")
_TOKEN = pattern(r"[^\s,;、。]+")
_LONGEST_FIRST = sorted(FILLERS, key=len, reverse=True)
_FILLERS = pattern("|".join(rf"\b{word}\b" if word.isascii() else word for word in _LONGEST_FIRST) + r"|\W")
_PLURAL = pattern(r"e?s(?![a-z])")
_ADJOINING = pattern(r"\s*(?:的|of|in)?\s*")

NOT_UNDERSTOOD = N_("I do not understand “{said}”.")
NO_SUCH_PLACE = N_("There is no “{said}” here.")
WHICH_PLACE = N_("There are several of “{said}”. Please write the estate with it.")
ONE_PLACE = N_("“{said}”: one place at a time, a unit at the most.")
NO_SUCH_DAY = N_("There is no such day: “{said}”.")
ONLY_ONE = N_("“{said}”: only one of these at a time.")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that was not understood, where it stands, why (to be translated), and what may be meant."""

    said: str
    start: int
    end: int
    why: str = NOT_UNDERSTOOD
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read. `number` is that of a case."""

    asked: Filter
    number: int | None = None
    doubts: tuple[Doubt, ...] = ()
    text: str = ""

    def corrected(self) -> str:
        """Return the text with what may be meant; empty where nothing can be guessed for a part of it."""
        if not self.doubts or not all(doubt.instead for doubt in self.doubts):
            return ""
        text = self.text
        for doubt in sorted(self.doubts, key=lambda each: each.start, reverse=True):
            text = f"{text[: doubt.start]} {doubt.instead} {text[doubt.end :]}"
        return " ".join(text.split())


def parse(text: str, rules: Rules, home: int | None, today: date) -> Parsed:
    """Read a filter. `home`, a place, settles whose building 3 is meant."""
    reader = _Reader(clean(text)[:READ], rules, home, today)
    return Parsed(reader.asked, reader.number, tuple(reader.doubts), reader.said)


class _Reader:
    """Takes out of the text what it understands, piece by piece."""

    def __init__(self, said: str, rules: Rules, home: int | None, today: date) -> None:
        self.said = said
        self.asked = Filter()
        self.number: int | None = None
        self.doubts: list[Doubt] = []
        self._rest = fold(said)
        self._rules = rules
        self._known = vocabulary(rules.settings)
        self._finder = WordFinder(self._known)
        self._words()
        self._days(today)
        self._number()
        self._phrases()
        self._place(home)
        for token in list(_TOKEN.finditer(self._rest)):
            self._token(*token.span())

    def _words(self) -> None:
        found = _WORDS.search(self._rest)
        if found is not None:
            group = next(number for number in (1, 2, 3) if found[number])
            words = self.said[found.start(group) : found.end(group)].strip()[:LONGEST_WORDS]
            self.asked = replace(self.asked, words=words)
            self._blank([found.span()])

    def _days(self, today: date) -> None:
        for number, days in enumerate(list(find_days(self._rest, today))):
            if days.since is None and days.until is None:
                self._doubt(days.start, days.end, NO_SUCH_DAY)
            elif number:
                self._doubt(days.start, days.end, ONLY_ONE)
            else:
                self.asked = replace(self.asked, since=days.since, until=days.until)
            self._blank([(days.start, days.end)])

    def _number(self) -> None:
        found = _NUMBER.search(self._rest)
        if found is not None:
            self.number = int(found[1] or found[2])
            self._blank([found.span()])

    def _phrases(self) -> None:
        """Take names of several words, which would fall into pieces."""
        for hit in list(self._finder.find(self._rest)):
            if " " in hit.word:
                self._ask(self._known[hit.word], hit.start, hit.end)
                self._blank([(hit.start, hit.end)])

    def _place(self, home: int | None) -> None:
        """Take the place, which may be written in several words: 丰美小区 3号楼, building 3 unit 2."""
        located = self._rules.understander.locate(self._rest, home)
        spans = sorted(located.names + located.addresses)
        if not spans or self._is_word(spans):
            return
        start, end = spans[0][0], spans[-1][1]
        why, instead = self._judge(located)
        if why:
            self._doubt(start, end, why, instead)
        else:
            self.asked = replace(self.asked, place_id=located.place_id)
        self._blank(_joined(self._rest, spans))

    def _is_word(self, spans: list[Span]) -> bool:
        """Tell whether what looks like a place is a word of its own: a kind of matter may be called like one."""
        return all(self._rest[start:end] in self._known for start, end in spans)

    def _judge(self, located: Located) -> tuple[str, str]:
        """Return what is wrong with the place, and what may be meant."""
        if located.unknown:
            return NO_SUCH_PLACE, ""
        if located.place_id is None:
            return WHICH_PLACE, ""
        if located.detail:
            alone = located.detail.isascii() and located.detail.isalnum()
            return ONE_PLACE, self._rules.tree.short(located.place_id) if alone else ""
        return "", ""

    def _token(self, start: int, end: int) -> None:
        """Take a word, or the words that were written without a space between them."""
        token = self._rest[start:end]
        if token in self._known:
            self._ask(self._known[token], start, end)
            return
        left = start
        for hit in self._finder.find(token):
            self._leftover(left, start + hit.start)
            self._ask(self._known[hit.word], start + hit.start, start + hit.end)
            plural = _PLURAL.match(token, hit.end) if hit.word.isascii() else None
            left = start + (plural.end() if plural else hit.end)
        self._leftover(left, end)

    def _leftover(self, start: int, end: int) -> None:
        if _FILLERS.sub("", self._rest[start:end]):
            self._doubt(start, end, NOT_UNDERSTOOD, self._nearest(self._rest[start:end]))

    def _ask(self, asks: Asks, start: int, end: int) -> None:
        name, value = asks
        if name == "states":
            self.asked = replace(self.asked, states=self.asked.states | frozenset(value))  # type: ignore[call-overload]
        elif name in ("category", "kind") and getattr(self.asked, name) not in ("", value):
            self._doubt(start, end, ONLY_ONE)
        elif name:
            fields: dict[str, Any] = {name: value}
            self.asked = replace(self.asked, **fields)

    def _nearest(self, said: str) -> str:
        """Return the nearest right form: the kind of matter that the word suggests, or a word that looks like it."""
        forms = [*PERIODS, *self._known, *_names(self._rules.tree)]
        likeness, form = max((SequenceMatcher(None, said, form).ratio(), -n) for n, form in enumerate(forms))
        if likeness >= LIKE:
            return forms[-form]
        key = self._rules.understander.read(said).category
        return self._rules.settings.category(key).name if key is not None else ""

    def _doubt(self, start: int, end: int, why: str, instead: str = "") -> None:
        said = self.said[start:end].strip()
        self.doubts.append(Doubt(said, start, end, why, "" if fold(instead) == fold(said) else instead))

    def _blank(self, spans: Iterable[Span]) -> None:
        self._rest = blank(self._rest, spans)


def _joined(text: str, spans: list[Span]) -> Iterator[Span]:
    """Yield the spans, and what is between two that belong together."""
    for number, (start, end) in enumerate(spans):
        following = spans[number + 1][0] if number + 1 < len(spans) else end
        yield start, following if _ADJOINING.fullmatch(text, end, following) else end


def _names(tree: PlaceTree) -> list[str]:
    """Return the names of the places that are not one of many."""
    nodes = [node for node in tree if node.kind not in ("building", "unit")]
    return [fold(name) for node in nodes for name in (node.name, *node.aliases)]
