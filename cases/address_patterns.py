"""How addresses are spelled, as patterns over folded text. What they catch is read in `cases.addresses`.

Groups: `number` of the building, `list` of further numbers before it, `unit`, and of the detail `floor`, `door`, `room`
(the word after the door) and `spot`.
"""

from cases.numerals import DIGITS, NUMERALS
from cases.patterns import pattern

ENGLISH_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
SPOTS = (
    "门口|门前|楼下|楼上|楼顶|楼道|楼梯间|楼梯口|电梯口|电梯间|电梯厅|电梯里|天台|走廊|过道|大堂|大厅|门厅|地下车库|地下室|"
    "车库|架空层|东侧|西侧|南侧|北侧|东面|西面|南面|北面|旁边|后面|前面|对面|附近|之间|中间"
)
NUMBER = rf"(?:[0-9]{{1,3}}|[{NUMERALS}]{{1,5}})"

_START = rf"(?<![0-9a-z{NUMERALS}.#])(?<![0-9]-)"
_LIST = rf"(?P<list>(?:(?:[0-9]{{1,3}}\s*号?\s*[、,和与及跟到至~-]|[{NUMERALS}]{{1,5}}\s*号?\s*[、-])\s*){{0,8}})"
_NTH = r"(?:第\s*)?"
_UNIT = (
    rf"(?:\s*[,、-]?\s*{_NTH}(?P<unit>{NUMBER})\s*(?:单\s*元|[门梯](?=\s*[0-9]{{3}}))"
    r"|\s*-?\s*(?P<short_unit>[0-9]{1,2})\s*-\s*(?=[0-9]{3,4}(?![0-9])))?"
)
# What follows a number that is no door: a date, a sum, a length, a count, a telephone number.
_NO_DOOR = r"(?![0-9年月日天元块次人小分岁万%米平斤度点名套多余]|-[0-9]|户(?![主门内])|\s*(?:报警|救护|急救|电话))"
_ROOM = r"(?P<room>室|号房|房间|房(?![间产子屋价东])|号(?![楼栋线]))?"
_DETAIL = (
    rf"(?:\s*[,、-]?\s*(?P<floor>(?:负|地下)?(?:[0-9]{{1,2}}|[{NUMERALS}]{{1,3}})\s*[楼层]|[0-9]{{1,2}}f(?![a-z])))?"
    rf"(?:\s*-?\s*(?P<door>[0-9]{{3,4}}[a-z]?|[{''.join(DIGITS)}]{{3,4}}|[0-9]{{2}}(?=\s*(?:室|号房)))"
    rf"\s*{_ROOM}{_NO_DOOR})?"
    rf"(?:\s*的?\s*(?P<spot>{SPOTS}))?"
)

NAMED = pattern(
    rf"{_START}{_LIST}{_NTH}(?P<number>{NUMBER})\s*(?:号\s*[楼栋幢座]|[号楼](?=\s*{_NTH}{NUMBER}\s*单\s*元)){_UNIT}{_DETAIL}"
)
"""3号楼, 3号2单元, 3楼2单元."""

COUNTABLE = pattern(
    rf"{_START}(?<![共这那每整几某数多近达了])(?<!(?<!还)有){_LIST}{_NTH}(?P<number>{NUMBER})\s*(?P<measure>[栋幢座])"
    r"(?!\s*(?:高层|高楼|楼房|楼盘|楼(?:都|全|均)|住宅|别墅|居民|危房|建筑|房|大|洋房|厂房|宿舍|小|旧|老|新|违))"
    r"(?!(?<=座)[桥山城位塔椅庙机谈车商岛宫坟碑电变基立天垃公厕])"
    rf"(?:\s*楼(?![下上道顶梯前后里内]))?{_UNIT}{_DETAIL}"
)
"""3栋, 三幢, 3座; words around it tell where that counts buildings ("有5栋楼", "两座桥")."""

SHARP = pattern(
    rf"(?<![0-9a-z.#-]){_LIST}(?P<number>[0-9]{{1,3}})\s*#(?:\s*(?:号楼|楼|栋|幢)|(?![a-z])){_UNIT}{_DETAIL}"
)
"""3#, 3#楼."""

UNIT_ALONE = pattern(rf"{_START}(?<![每几整各两]){_NTH}(?P<unit>{NUMBER})\s*单\s*元{_DETAIL}")

_EDGE = r"(?<![0-9a-z.\-/:#])"
_END = rf"(?![0-9a-z./:]|\s?-\s?[0-9]){_NO_DOOR}"
DASHED = pattern(
    rf"{_EDGE}(?P<number>[0-9]{{1,3}})\s?-\s?(?P<unit>[0-9]{{1,2}})\s?-\s?(?P<door>[0-9]{{3,4}}[a-z]?)\s*{_ROOM}{_END}"
)
"""3-2-501."""
DASHED_UNIT = pattern(rf"{_EDGE}(?P<number>[0-9]{{1,3}})\s?-\s?(?P<unit>[0-9]{{1,2}})\s*单\s*元{_DETAIL}")
"""3-2单元."""
DASHED_DOOR = pattern(rf"{_EDGE}(?P<number>[0-9]{{1,2}})-(?P<door>[0-9]{{3,4}})\s*{_ROOM}{_END}")
"""3-501: only where there is such a building."""
WHOLE = pattern(r"\s*(?P<number>[0-9]{1,3})\s?[-#]\s?(?P<unit>[0-9]{1,2})\s*")
"""3-2, when nothing else is said."""

_WORD, _ENDED = r"(?<![a-z0-9])", r"(?![a-z0-9])"  # \b takes Chinese characters for letters
_EN_UNIT = r"(?:unit|entrance|stairwell)\s*(?:no\.?\s*|#\s*)?"
_EN_NUMBER = rf"(?:[0-9]{{1,3}}|{'|'.join(ENGLISH_NUMBERS)})"
_EN_DETAIL = (
    rf"(?:[\s,]*(?P<floor>(?:floor\s*[0-9]{{1,2}}|[0-9]{{1,2}}(?:st|nd|rd|th)?\s*(?:floor|/f|f)){_ENDED}))?"
    rf"(?:[\s,-]*(?:room|flat|apt\.?|apartment|rm\.?|door|no\.?|#)?\s*(?P<door>[0-9]{{3,4}}[a-z]?){_ENDED})?"
)
ENGLISH = pattern(
    rf"(?:{_WORD}{_EN_UNIT}(?P<unit_first>{_EN_NUMBER})[\s,]+(?:(?:of|in|at)\s+)?(?:the\s+)?)?"
    rf"{_WORD}(?:building|block|blk|bldg|tower)(?![a-z])\.?\s*(?:no\.?\s*|number\s+|#\s*)?(?P<number>{_EN_NUMBER}){_ENDED}"
    rf"(?:[\s,-]*{_EN_UNIT}(?P<unit>{_EN_NUMBER}){_ENDED}|-(?P<short_unit>[0-9]{{1,2}})(?=-[0-9]{{3}}))?{_EN_DETAIL}"
)
ENGLISH_UNIT_ALONE = pattern(rf"{_WORD}{_EN_UNIT}(?P<unit>{_EN_NUMBER}){_ENDED}{_EN_DETAIL}")
