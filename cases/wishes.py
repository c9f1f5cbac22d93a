"""微心愿: telling a wish from a report."""

from collections.abc import Iterable

from cases.context import Rules
from cases.folding import fold
from cases.understand import Understanding

CLOSE_TO_WISHES = ("care", "facilities", "advice", "other")  # kinds of reports that are as well told as a wish


def sounds_like_wish(rules: Rules, words: str, meant: Understanding) -> bool:
    """Tell whether words are a micro-wish: they say so, or they wish for something and name no trouble."""
    if meant.emergency:
        return False
    if says_wish(rules, words):
        return True
    troubled = meant.category is not None and meant.category not in CLOSE_TO_WISHES
    return not troubled and _holds(words, rules.settings.wish.folded[1])


def says_wish(rules: Rules, words: str) -> bool:
    """Tell whether words call themselves a wish."""
    return _holds(words, rules.settings.wish.folded[0])


def _holds(words: str, folded: Iterable[str]) -> bool:
    text = fold(words)
    return any(word in text for word in folded)
