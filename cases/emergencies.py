"""Whether words report an emergency that is happening, and not one that is denied, feared, past or over.

In doubt they do: a false alarm costs a call, a missed one more than that.
"""

from collections.abc import Sequence

from cases.folding import fold
from cases.kinds import Suggestion
from cases.patterns import pattern
from cases.settings import Category
from cases.wordfinder import Hit, WordFinder

NEAR = 45  # characters between a word of the category and what makes it an emergency; English needs the more
SOON_OVER = 25  # characters after what happened, in which it may be said to be over
SAID_AT_ONCE = 200  # characters: who needs help now says so before that; what comes later is a story

_CLAUSE_ENDS = pattern(r"[,。!?;:\n…]|\. ")
_NOW = pattern(r"正在|现在|已经(?!修|解决|处理|扑|灭)|救命|快来|赶紧|赶快|马上|此刻|今天|刚刚|刚才|\b(?:now|help)\b")
_DENIED = pattern(
    r"(?:没有?|没人|无人|无|未|不是|并非|不算|别)(?:再|任何|什么|人员?|被|发生|出现|发现|闻到|看到|见到?|听到|明显|过|有|的)*$"
    r"|\b(?:no|not|nobody|none|never|without|isn't|wasn't|aren't|no one|no-one)(?: \w+){0,3} ?$"
)
_FEARED = pattern(
    r"担心|害怕|生怕|唯恐|怕|万一|如果|要是|假如|假若|倘若|一旦|以免|免得|避免|防止|预防|防范|杜绝|容易|极易|易引发|易引起|易发生|会不会|是否|"
    r"可能会|难免|演习|演练|宣传|模拟|真的?要等|"
    r"\b(?:afraid|worried|worry|fear|in case|if|might|could|may|prevent|avoid|risk of|danger of)\b"
)
_PAST = pattern(
    r"去年|前年|上次|上回|上个?月|曾经?|以前|之前|往年|前几年|历史上|(?:19|20)[0-9]{2}年|\blast (?:year|month|time)\b"
)
_TOLD_AFTER = pattern(
    r"^\W?(?:\w+ )?(?:could|might|may)\b"
    r"|\blast (?:year|month|time)\b|\b(?:years?|months?|weeks?) ago\b"
)
_USUAL = pattern(
    r"经常|时常|常常|总是?|常年|长期|屡次|多次|几次|时有|频繁|有时|每次|每年|每天|一年|\b(?:often|always|usually|sometimes|every)\b"
)
_HAZARD = pattern(
    r"(?:的|等|事故|类|性)*(?:隐患|风险|危险|可能|演练|演习|预案|知识|过(?![来去道]))|.*(?:不堪设想|后果|将会|就会)"
)
_OVER = pattern(
    r"(?<![没未不])(?:已经?|都|被)+(?:及时)?(?:扑灭|灭|救出|放出|修好|解决|处理|排除|控制)"
    r"|\b(?:is|was|been) (?:put out|freed|rescued|fixed)\b"
)


class Emergencies:
    """Made once from the categories."""

    def __init__(self, categories: Sequence[Category]) -> None:
        self._urgent = [category for category in categories if category.emergency is not None]
        self._signs = {category.key: _signs(category) for category in self._urgent}
        self._finders = {c.key: WordFinder([*self._signs[c.key], *c.unless]) for c in self._urgent}

    def find(self, text: str, suggestions: Sequence[Suggestion]) -> list[Category]:
        """Return the categories of which a folded text reports an emergency."""
        return [category for category in self._urgent if self._reports(category, text, suggestions)]

    def _reports(self, category: Category, text: str, suggestions: Sequence[Suggestion]) -> bool:
        words = [found.hit for found in suggestions if found.category is category and found.hit.start < SAID_AT_ONCE]
        if category.emergency is None or not words:
            return False
        signs = self._signs[category.key]
        if category.emergency.always and any(_happens(text, hit) for hit in words):
            return True
        return any(
            sign.word in signs and any(_near(sign, word) for word in words) and _happens(text, sign)
            for sign in self._finders[category.key].find(text[:SAID_AT_ONCE])
        )


def _signs(category: Category) -> set[str]:
    """Return the folded words that make a matter of the category an emergency."""
    return {fold(word).strip() for word in category.emergency.words} if category.emergency else set()


def _near(sign: Hit, word: Hit) -> bool:
    return sign.start - NEAR <= word.end and word.start <= sign.end + NEAR


def _happens(text: str, sign: Hit) -> bool:
    """Tell whether what the sign says is so, as far as its clause says."""
    before, after = _clause(text, sign)
    if _DENIED.search(before) or _OVER.search(text, sign.end, sign.end + SOON_OVER):
        return False
    if _NOW.search(before) or _NOW.search(after):
        return True
    told_otherwise = _FEARED.search(before) or _PAST.search(before) or _USUAL.search(before)
    return not (told_otherwise or _HAZARD.match(after) or _TOLD_AFTER.search(after))


def _clause(text: str, sign: Hit) -> tuple[str, str]:
    """Return what stands before and after the sign in its clause."""
    start = max((match.end() for match in _CLAUSE_ENDS.finditer(text, 0, sign.start)), default=0)
    end = _CLAUSE_ENDS.search(text, sign.end)
    return text[start : sign.start], text[sign.end : end.start() if end else len(text)]
