"""What residents' words mean: the kind of matter, the place, and whether it is an emergency. No network, no model."""

import re
from collections.abc import Sequence
from functools import lru_cache

from cases.emergencies import Emergencies
from cases.folding import fold
from cases.kinds import Kinds
from cases.locate import Located, Locator, blank
from cases.places import PlaceTree
from cases.settings import Category
from storage.record import record

READ_AT_MOST = 4000  # characters; what a matter is about is said before that
READ_LATELY = 64  # texts

_FILLER = re.compile(
    r"[\W_]+|改成|改为|应该|类别|种类|地点|地址|位置|住址|不是|而是|就是|我们|这里|那里|这边|那边|你好|您好|谢谢|"
    r"\b(?:at|in|the|it|is|of|i|live|no|bldg|building|unit|room|here)\b|[我你在是住就于位的了呢吧啊呀哦嗯]"
)


@record
class Understanding:
    """What was understood; None or empty where the words do not say."""

    category: str | None = None
    place_id: int | None = None
    place_detail: str = ""
    unknown_place: str = ""  # an address that is not here
    emergency: bool = False
    place_only: bool = False  # nothing but a place was said
    category_only: bool = False  # nothing but a kind of matter was said


class Understander:
    """Reads residents' words; made once from the categories and the tree of places.

    Several that read of the same places may share a `locator`.
    """

    def __init__(self, categories: Sequence[Category], tree: PlaceTree, locator: Locator | None = None) -> None:
        self._kinds = Kinds(categories)
        self._emergencies = Emergencies(categories)
        self._locator = locator or Locator(tree)
        self._read = lru_cache(READ_LATELY)(self._understand)  # each step of a dialogue reads the same words
        self._names = {_bare(fold(name)) for category in categories for name in (category.name, category.name_en)}

    def read(self, words: str, home: int | None = None) -> Understanding:
        """Understand `words`; `home` (a place id) settles "2单元", "楼下" and which estate is meant."""
        return self._read(words[:READ_AT_MOST], home)

    def _understand(self, words: str, home: int | None) -> Understanding:
        text = fold(words)
        located = self._locator.locate(text, home)
        category, emergency = self._kind(blank(text, located.names))
        rest = _bare(blank(text, located.names + located.addresses))
        return Understanding(
            category, located.place_id, located.detail, located.unknown, emergency,
            place_only=bool(located.names or located.addresses) and not rest,
            category_only=category is not None and rest in self._names,
        )  # fmt: skip

    def locate(self, text: str, home: int | None = None) -> Located:
        """Return the place that a folded text names, and where it says so; `home` as in `read`."""
        return self._locator.locate(text, home)

    def _kind(self, text: str) -> tuple[str | None, bool]:
        """Return the category, and whether it is an emergency; an emergency outweighs all else."""
        suggestions = self._kinds.suggestions(text)
        urgent = {category.key for category in self._emergencies.find(text, suggestions)}
        if urgent:
            return self._kinds.best([found for found in suggestions if found.category.key in urgent]) or min(
                urgent
            ), True
        return self._kinds.best(suggestions), False


def _bare(text: str) -> str:
    return _FILLER.sub("", text)
