"""Who is at the other end: a resident known by a cookie, or in the demo a persona by name."""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.channels.web import origins
from bot.channels.web.groups import is_group
from bot.channels.web.limits import COOKIE_SECONDS
from bot.channels.web.personas import Persona
from handlers.texts import pick_language

COOKIE = "redsteward_chat"
_COOKIE_BYTES = 32
_COOKIE_FORM = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes in URL-safe base64
_USER_DIGITS = 32  # of the cookie's SHA-256: 128 bits name the person, and tell nobody the cookie
_RESIDENT = {"zh": "居民", "en": "Resident"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person in front of the page. Their own chat has the same name as they have; of a persona it may be a group."""

    user: str
    name: str
    language: str
    chat: str

    @property
    def in_group(self) -> bool:
        """Whether others see the chat too."""
        return is_group(self.chat)


class Sessions:
    """Knows people by cookie. Residents need no account: whoever holds the cookie is the person."""

    def __init__(
        self, public_origins: Sequence[str], personas: Mapping[str, Persona] | None, language: str = "zh"
    ) -> None:  # fmt: skip
        self._origins = origins.normal(public_origins)
        self._personas = {persona.key: persona for persona in (personas or {}).values()}
        self._language = language

    def trusts(self, connection: HTTPConnection) -> bool:
        """Tell whether the page that sent this is ours."""
        return origins.trusted(connection.headers, self._origins)

    def language(self, connection: HTTPConnection) -> str:
        """Return the language the page is shown in."""
        return pick_language(connection.query_params.get("lang"), self._language)

    def visitor(self, connection: HTTPConnection) -> Visitor | None:
        """Return who this is, in which chat.

        None without a session, or when a persona is asked for that there is not, or a group that they are not in: who
        is known by a cookie is in none.
        """
        language = self.language(connection)
        key, group = connection.query_params.get("as"), connection.query_params.get("in")
        if key is not None:
            return self._played(key, group, language)
        cookie = connection.cookies.get(COOKIE, "")
        if group is not None or not _COOKIE_FORM.fullmatch(cookie):
            return None
        user = user_of(cookie)
        return Visitor(user, _RESIDENT.get(language, _RESIDENT["zh"]), language, user)

    def _played(self, key: str, group: str | None, language: str) -> Visitor | None:
        persona = self._personas.get(key)
        if persona is None or (group is not None and group not in persona.groups):
            return None
        return Visitor(persona.user, persona.name, language, group or persona.user)

    def remember(self, connection: HTTPConnection, response: Response) -> None:
        """Give a newcomer a session, and a known person another 400 days."""
        cookie = connection.cookies.get(COOKIE, "")
        if not _COOKIE_FORM.fullmatch(cookie):
            cookie = secrets.token_urlsafe(_COOKIE_BYTES)
        secure = connection.url.scheme == "https" or origins.https(connection.headers, self._origins)
        response.set_cookie(
            COOKIE, cookie, max_age=COOKIE_SECONDS, httponly=True, samesite="lax", secure=secure, path="/"
        )


def user_of(cookie: str) -> str:
    """Return the user id of a session."""
    return hashlib.sha256(cookie.encode()).hexdigest()[:_USER_DIGITS]
