"""Telegram's HTML style: turns marked-up text into plain text and entities, or says what is wrong with it.

Tags, nesting and escapes are those of https://core.telegram.org/bots/api#html-style. What Telegram lets pass although
its documentation does not (a bare `&`, a link without an address) is complained about, not refused.
"""

import re
from dataclasses import dataclass, field

from tests.simulators.telegram.errors import Complain, ContractError, Json, breach

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "code": "code", "pre": "pre", "blockquote": "blockquote", "a": "text_link",
    "tg-emoji": "custom_emoji", "tg-time": "date_time",
}  # fmt: skip

ESCAPES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_ESCAPE = re.compile(r"&(?:#[xX]?[0-9a-fA-F]+|[a-zA-Z]+)?;?")
_TOKEN = re.compile(r"""<(?:[^>"']|"[^"]*"|'[^']*')*>?|[^<]+""")
_ATTRIBUTE = re.compile(r"""([^\s=>/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([\w.\-]+)))?""")
_SPACE = re.compile(r"[\s>]")


def utf16(text: str) -> int:
    """Return a text's length as Telegram counts it: in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(slots=True)
class _Open:
    """A tag that waits for its end."""

    tag: str
    attributes: dict[str, str]
    offset: int


@dataclass(slots=True)
class _Reader:
    """Reads one text from its beginning to its end."""

    source: str
    complain: Complain
    parts: list[str] = field(default_factory=list)
    length: int = 0
    open: list[_Open] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)

    def read(self) -> None:
        """Read the whole text."""
        for match in _TOKEN.finditer(self.source):
            token = match.group()
            if token.startswith("</"):
                self._end(token, match.start())
            elif token.startswith("<"):
                self._begin(token, match.start())
            else:
                self._words(token)
        if self.open:
            raise self._wrong(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')

    def _words(self, token: str) -> None:
        if ">" in token:
            self.complain("HTML: a bare '>' must be written as &gt;")
        words = _ESCAPE.sub(self._unescape, token)
        self.parts.append(words)
        self.length += utf16(words)

    def _unescape(self, match: re.Match[str]) -> str:
        token = match.group()
        name = token[1:].rstrip(";")
        if name.startswith("#"):
            number = name[1:].lower()
            code = int(number[1:], 16) if number.startswith("x") else int(number) if number.isdecimal() else 0
            return chr(code) if 0 < code < 0x10FFFF else token
        if name in ESCAPES:
            return ESCAPES[name]
        self.complain(f"HTML: {token!r} is not one of Telegram's escapes, '&' must be written as &amp;")
        return token

    def _begin(self, token: str, at: int) -> None:
        tag = self._tag_name(token, 1, at, "start")
        if tag not in TAGS:
            raise self._wrong(f'Unsupported start tag "{tag}" at byte offset {self._byte(at)}')
        if not token.endswith(">"):
            raise self._wrong(f'Unclosed start tag "{tag}" at byte offset {self._byte(at)}')
        found = _ATTRIBUTE.findall(token[1 + len(tag) : -1])
        attributes = {name: _ESCAPE.sub(self._unescape, "".join(values)) for name, *values in found}
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise self._wrong(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(at)}')
        self._check_nesting(tag)
        self.open.append(_Open(tag, attributes, self.length))

    def _check_nesting(self, tag: str) -> None:
        kinds = [TAGS[each.tag] for each in self.open]
        if tag == "blockquote" and "blockquote" in kinds:
            self.complain("HTML: quotes can't be nested")
        if {"code", "pre"} & set(kinds) and not (tag == "code" and kinds[-1] == "pre"):
            self.complain("HTML: code can't contain other entities")

    def _end(self, token: str, at: int) -> None:
        if not self.open:
            raise self._wrong(f"Unexpected end tag at byte offset {self._byte(at)}")
        tag = self._tag_name(token, 2, at, "end")
        if not token.endswith(">"):
            raise self._wrong(f"Unclosed end tag at byte offset {self._byte(at)}")
        begun = self.open.pop()
        if tag and tag != begun.tag:
            expected = f'expected "</{begun.tag}>", found "</{tag}>"'
            raise self._wrong(f"Unmatched end tag at byte offset {self._byte(at)}, {expected}")
        self._add_entity(begun)

    def _add_entity(self, begun: _Open) -> None:
        if self.length == begun.offset:
            self.complain(f"HTML: the tag <{begun.tag}> is empty")
            return
        entity: Json = {"offset": begun.offset, "length": self.length - begun.offset, "type": TAGS[begun.tag]}
        entity.update(self._details(begun))
        inner = self.entities[-1] if self.entities else {}
        if begun.tag == "pre" and inner == {**inner, **entity, "type": "code"}:
            entity = {**self.entities.pop(), "type": "pre"}  # <pre><code class="language-…">
        self.entities.append(entity)

    def _details(self, begun: _Open) -> Json:
        attributes = begun.attributes
        if begun.tag == "a":
            if not attributes.get("href"):
                self.complain("HTML: the tag <a> has no href")
            return {"url": attributes.get("href", "")}
        if begun.tag == "code" and attributes.get("class", "").startswith("language-"):
            return {"language": attributes["class"].removeprefix("language-")}
        if begun.tag == "blockquote" and "expandable" in attributes:
            return {"type": "expandable_blockquote"}
        return {"custom_emoji_id": attributes.get("emoji-id", "")} if begun.tag == "tg-emoji" else {}

    def _tag_name(self, token: str, start: int, at: int, which: str) -> str:
        end = _SPACE.search(token, start)
        if end is None:
            raise self._wrong(f"Unclosed {which} tag at byte offset {self._byte(at)}")
        return token[start : end.start()].lower()

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode())

    def _wrong(self, why: str) -> ContractError:
        return breach(f"can't parse entities: {why}", f"HTML: {why}: {self.source!r:.200}")


def parse_html(source: str, complain: Complain) -> tuple[str, list[Json]]:
    """Return the plain text and its entities in order."""
    if "<" not in source and "&" not in source and ">" not in source:
        return source, []
    reader = _Reader(source, complain)
    reader.read()
    reader.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return "".join(reader.parts), reader.entities
