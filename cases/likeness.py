"""Which open cases near a place are about the same matter as what somebody reports now ("me too")."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import cache, lru_cache
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, bindparam, func, select, text, union_all
from sqlalchemy.orm import Session

from cases.context import Context
from cases.folding import fold
from cases.patterns import pattern
from cases.places import ESTATES, PlaceTree
from storage.models import IS_UNDER_WAY, Case, Follower
from storage.prepared import Prepared
from storage.record import record

COMPARED = 200  # of the candidates, the newest
PLACES_AT_ONCE = 50  # SQLite joins at most 500 look-ups (SQLITE_MAX_COMPOUND_SELECT)
READ_AT_MOST = 2000  # characters
TELLING = 24  # pairs; what a matter is about is said first, and more of them agree by chance
CHARACTER = 0.5  # what a character in common weighs, where a pair weighs 1
CONTAINED = 0.5  # what it counts that one text is found in the other; the rest is for both
ONE_BROKEN = 0.65  # what is left of a likeness where only one says that something is broken

# Literal, so that both databases use the partial index; what is in review has not been let in yet.
_OPEN = (IS_UNDER_WAY, text("case_.state <> 'review'"), text("case_.kind = 'issue'"))

_NUMBER = "[0-9零一二两三四五六七八九十百]+"
_PLACE = pattern(
    rf"(?:第?{_NUMBER}(?:号[楼栋房]|单元|[栋幢座室楼层]|号(?!线)|#楼?))+(?:[0-9]+室?)?|[0-9]+(?:-[0-9]+)+|"
    r"\b(?:building|block|tower|unit|room|flat|floor|entrance)\s*(?:no\.?\s*)?[0-9]+[a-z]?\b"
)
_BROKEN, _BROKEN_EN = "坏", "broken"  # what stands for all the words that say so
_IS_BROKEN = pattern(r"坏[了掉]?|[不没]亮|故障|失灵|损坏|不能用|用不了|没反应|不工作|停[运用]")
_IS_BROKEN_EN = pattern(r"\b(?:out of order|not working|does(?:n't| not) work|is out\b|faulty)")
_FILLER = pattern(
    "你好|您好|大家好|请问|请求|恳请|请|麻烦|帮忙|帮助|谢谢|感谢|劳驾|尊敬的?|各位|领导|书记|管家|我[们家是]|小区|业主|居民|"
    "希望|反映|反应|投诉|咨询|举报|建议|问题|情况|严重|关于|相关|有关|部门|能否|是否|什么时候|什么|怎么|为什么|现在|已经|一直|"
    "目前|处理|解决|进行|尽快|有人|好几天|没人[修管]|[太很又也都还再的了吗呢吧啊呀]"
)
_FILLER_EN = pattern(
    r"\b(?:an?|the|th(?:is|at|ese|ere|eir|ey)|its?|is|are|am|was|were|be|been|ha[sd]|have|do|does|did|can|could|will|"
    r"would|i|you|he|she|we|me|us|my|your|our|here|in|at|of|on|off|to|for|from|by|near|with|and|or|but|so|very|still|"
    r"not|no|since|when|how|again|please|hi|hello|dear|thanks?)\b"
)
_RUN = pattern(r"[a-z0-9]+|[^\W_a-z0-9]+")
_LETTERS = 4  # of an English word; what follows may be its ending


@record
class Grams:
    """A text made ready to be compared: what it begins with, as pairs and as characters, its weight, and all it says.

    A pair is two Chinese characters that stand together, or the beginning of an English word.
    """

    pairs: frozenset[str]
    characters: frozenset[str]
    weight: float
    said: str
    broken: bool  # whether it says that something is out of order

    def __bool__(self) -> bool:
        return bool(self.pairs)


@lru_cache(2048)  # the same open cases are compared with each new report
def grams(words: str) -> Grams:
    """Make a text ready to be compared. Greetings, places and filler do not count; a text of nothing else is false."""
    runs = _runs(fold(words[:READ_AT_MOST]))
    pairs = _first_pairs(runs)
    characters, said = _characters(pairs), " ".join(runs)
    weight = len(pairs) + CHARACTER * len(characters)
    return Grams(pairs, characters, weight, said, _BROKEN in said or _BROKEN_EN in said)


def likeness(one: str, other: str) -> float:
    """Return from 0 to 1 how alike two texts are: whether they tell of the same matter, not who tells it or where."""
    return compare(grams(one), grams(other))


def compare(one: Grams, other: Grams) -> float:
    """Return how alike two texts are that were made ready.

    What either begins with is looked for in the other. Half of it is how much of one is found, so that a short text is
    like a long one that says it too; half is how much of both is.
    """
    if not one or not other:
        return 0.0
    mine, theirs = _found(one, other), _found(other, one)
    contained = max(mine / one.weight, theirs / other.weight)
    alike = CONTAINED * contained + (1 - CONTAINED) * (mine + theirs) / (one.weight + other.weight)
    return alike if one.broken == other.broken else alike * ONE_BROKEN


def near(tree: PlaceTree, place_id: int) -> frozenset[int]:
    """Return the places at which a matter may be the same as one at this place.

    For a building and for each of its units these are the building and all its units: the light in front of 3号楼 may
    be told of 3号楼, of its unit 1 or of its unit 2; and the estate they lie in, for what is told of all of it. An
    estate, a community and a street are near themselves alone: what is told of all of it is not what is told of one
    door. Raises KeyError where there is no such place.
    """
    above = tree.ancestors(place_id)
    inside = [node for node in above if node.kind in ("building", "unit")]
    around = (node.id for node in above if node.kind in ESTATES)
    return frozenset((*_with_all_in_it(tree, inside[-1].id), *around) if inside else (place_id,))


class Like(NamedTuple):
    """An open case that is about the same matter, as it is offered; `followers`: how many follow it."""

    id: int
    reporter_id: int
    place_id: int
    words: str
    state: str
    waiting_for: str | None
    waiting_since: datetime | None
    followers: int


def similar(
    context: Context, category: str, place_id: int, words: str, threshold: float, limit: int = 3
) -> list[tuple[Like, float]]:  # fmt: skip
    """Return the open cases of the category near the place that are at least so alike, the most alike first.

    Of those that are equally alike the one at the very place comes first, then the newest. There are none for a private
    category, nor for words that say nothing. Raises KeyError where there is no such place.
    """
    kind, told = context.rules.settings.category(category), grams(words)
    if kind.private or not told:
        return []
    rows = _candidates(context.session, kind.key, near(context.rules.tree, place_id))
    rated = ((compare(told, grams(said)), place == place_id, number) for number, place, said in rows)
    best = sorted((found for found in rated if found[0] >= threshold), reverse=True)[:limit]
    return [(Like(*row), alike) for alike, _here, number in best for row in _LIKE.all(context.session, case=number)]


_FOLLOWERS = select(func.count()).select_from(Follower).where(Follower.case_id == Case.id)
_LIKE = Prepared(
    select(*(getattr(Case, name) for name in Like._fields[:-1]), _FOLLOWERS.scalar_subquery())
    .where(Case.id == bindparam("case"))
)  # fmt: skip


def newest(places: int) -> CompoundSelect[int, int, str]:
    """Return the query for the newest open cases of a category at each of so many places: number, place and words.

    It is a look-up for each place, of which the index has the newest first: asked for all places at once, a database
    may rather go through the cases of everywhere from the newest on.
    """
    ones = (
        select(Case.id, Case.place_id, Case.words)
        .where(Case.category == bindparam("category"), Case.place_id == bindparam(f"place{number}"), *_OPEN)
        .order_by(Case.id.desc()).limit(COMPARED).subquery()
        for number in range(places)
    )  # fmt: skip
    return union_all(*(select(one.c.id, one.c.place_id, one.c.words) for one in ones))


@cache
def _newest(places: int) -> Prepared:
    return Prepared(newest(places))


def _candidates(session: Session, category: str, places: Collection[int]) -> list[tuple[int, int, str]]:
    """Return number, place and words of the newest open cases of a category at these places, the newest first."""
    ids = sorted(places)
    found: list[Any] = []
    for start in range(0, len(ids), PLACES_AT_ONCE):
        some = {f"place{number}": place for number, place in enumerate(ids[start : start + PLACES_AT_ONCE])}
        found += _newest(len(some)).all(session, category=category, **some)
    return sorted(found, reverse=True)[:COMPARED]


def _with_all_in_it(tree: PlaceTree, place_id: int) -> Iterator[int]:
    yield place_id
    for child in tree.children(place_id):
        yield from _with_all_in_it(tree, child.id)


def _found(one: Grams, other: Grams) -> float:
    """Return how much of what the first begins with is found in the second, where it begins or later."""
    later = {pair for pair in one.pairs - other.pairs if pair in other.said}
    characters = one.characters & (other.characters | _characters(later) if later else other.characters)
    return len(one.pairs & other.pairs) + len(later) + CHARACTER * len(characters)


def _characters(pairs: Collection[str]) -> frozenset[str]:
    return frozenset("".join(pair for pair in pairs if not pair.isascii()))


def _runs(folded: str) -> list[str]:
    """Return what a folded text says as runs of characters, without places and filler; "不亮" is the same as "坏了"."""
    said = _FILLER_EN.sub("", _IS_BROKEN_EN.sub(_BROKEN_EN, _PLACE.sub(" ", folded)))
    said = _FILLER.sub("", _IS_BROKEN.sub(_BROKEN, said))
    return [run for run in _RUN.findall(said) if len(run) > 1 or not run.isascii()]


def _first_pairs(runs: Iterable[str]) -> frozenset[str]:
    found: dict[str, None] = {}
    for run in runs:
        found |= dict.fromkeys(_pairs(run))
        if len(found) >= TELLING:
            break
    return frozenset(islice(found, TELLING))


def _pairs(run: str) -> Iterator[str]:
    """Yield the pairs of a run; a character that stands alone is one."""
    if run.isascii():
        yield run[:_LETTERS]
        return
    for at in range(max(1, len(run) - 1)):
        # With one character more before "坏": the lamp of the street and that of the stairs are both a lamp, broken.
        start = at - 1 if at and run[at + 1] == _BROKEN else at
        yield run[start : at + 2]
