"""Which kind of matter words suggest: the words of all categories are counted and weighed."""

from collections import defaultdict
from collections.abc import Sequence

from cases.folding import fold
from cases.settings import Category
from cases.wordfinder import Hit, WordFinder
from storage.record import record

SAID_FIRST, FIRST_WEIGHT = 30, 5.0  # characters: what a matter is about is said first
SAID_LATE, LATE_WEIGHT = 200, 0.3  # what comes after so many characters is background
HINT = 0.3  # a hint weighs so much of a word
ENOUGH = 0.25  # less suggests nothing


@record
class Suggestion:
    """A word that stands in the text and whom it suggests."""

    hit: Hit
    category: Category


class Kinds:
    """Made once from the categories. Of two words at the same place the longer counts: "加装电梯" is no "电梯"."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self._order = {category.key: place for place, category in enumerate(categories)}
        self._owners: defaultdict[str, list[tuple[Category, float]]] = defaultdict(list)
        for category in categories:
            self._add(category)
        phrases = [phrase for category in categories for phrase in category.unless]
        self._finder = WordFinder([*self._owners, *phrases])

    def suggestions(self, text: str) -> list[Suggestion]:
        """Return what stands in a folded text, hints too."""
        return [
            Suggestion(hit, category)
            for hit in self._finder.find(text)
            for category, _weight in self._owners.get(hit.word, ())
        ]

    def best(self, suggestions: Sequence[Suggestion]) -> str | None:
        """Return the key of the category that is suggested most, the first of the file among equals; None for none."""
        scores = self._scores(suggestions)
        best = max(scores, key=lambda key: (scores[key], -self._order[key]), default=None)
        return best if best is not None and scores[best] >= ENOUGH else None

    def _scores(self, suggestions: Sequence[Suggestion]) -> dict[str, float]:
        scores: defaultdict[str, float] = defaultdict(float)
        times: defaultdict[tuple[str, str], int] = defaultdict(int)
        for suggestion in suggestions:
            hit, key = suggestion.hit, suggestion.category.key
            times[key, hit.word] += 1  # said again it adds less and less
            scores[key] += self._weight(suggestion) * _place_weight(hit.start) / times[key, hit.word]
        return scores

    def _weight(self, suggestion: Suggestion) -> float:
        """Return a word's weight: longer words say more, words that several categories claim say less."""
        owners = self._owners[suggestion.hit.word]
        tier = next(weight for category, weight in owners if category is suggestion.category)
        word = suggestion.hit.word
        size = (1 + word.count(" ")) * 2 if word.isascii() else len(word)
        return tier * size / 2 / len(owners)

    def _add(self, category: Category) -> None:
        """Note the words of a category; its name is one of them, unless it goes by no words at all (其他)."""
        names = (category.name, category.name_en) if category.words else ()
        words = {fold(word).strip() for word in (*category.words, *names)}
        for word in sorted(words):
            self._owners[word].append((category, 1.0))
        for hint in sorted({fold(hint).strip() for hint in category.hints} - words):
            self._owners[hint].append((category, HINT))


def _place_weight(start: int) -> float:
    if start < SAID_FIRST:
        return FIRST_WEIGHT
    return LATE_WEIGHT if start >= SAID_LATE else 1.0
