"""The access token of a platform: one for all processes, kept in the database, fetched by one of them at a time.

Whoever finds it missing or about to end claims its row for some seconds, fetches outside any transaction, and writes
the new one down. The others go on with the old one while it lasts, or wait. A token that the platform refuses (40001,
40014, 42001) is struck out and fetched anew once; what is refused then is told to the caller.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot.channels.tencent.http import Answer, Http, NoAnswer, code_of
from bot.clock import Clock
from storage.channel_models import AccessToken
from storage.engine import Store
from storage.faults import hit
from storage.upsert import insert_or_ignore

log = structlog.get_logger(__name__)

REFUSED = frozenset({40001, 40014, 42001})  # both platforms, "全局错误码": invalid, illegal, expired token
SPARE = timedelta(minutes=5)  # a new one is fetched so long before the end
CLAIM = timedelta(seconds=40)  # longer than a fetch may take, see bot.channels.tencent.http
LOOK_AGAIN = 0.2  # seconds between looks while another process fetches
PATIENCE = 60.0  # seconds to wait for another process


class NoToken(Exception):
    """There is no token to be had. `code`: what the platform says, None where it could not be reached."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


@dataclass(frozen=True, slots=True)
class Fresh:
    """A token as the platform gave it, and for how many seconds it holds."""

    token: str
    seconds: int


Fetch = Callable[[bool], Awaitable[Fresh]]
"""Fetches a token; with True one that differs from the last, where the platform can. Raises NoToken, NoAnswer."""


def stable_token(http: Http, api_base: str, app_id: str, secret: str) -> Fetch:
    """Return how an Official Account's token is fetched: several who ask get the same one, until one is forced."""

    async def fetch(anew: bool) -> Fresh:
        asked = {"grant_type": "client_credential", "appid": app_id, "secret": secret, "force_refresh": anew}
        return _fresh(await http.post(f"{api_base}/cgi-bin/stable_token", {}, asked))

    return fetch


def gettoken(http: Http, api_base: str, corp_id: str, secret: str) -> Fetch:
    """Return how a WeCom app's token is fetched: the platform gives the same one while it holds."""

    async def fetch(_anew: bool) -> Fresh:
        return _fresh(await http.get(f"{api_base}/cgi-bin/gettoken", {"corpid": corp_id, "corpsecret": secret}))

    return fetch


def _fresh(answer: Answer) -> Fresh:
    token, seconds = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(seconds, int):
        raise NoToken(f"no token: errcode {code_of(answer)}", code_of(answer))
    return Fresh(token, seconds)


class Tokens:
    """The token of one channel. `account` names whose it is (ids and secret): another account's is not used."""

    def __init__(self, store: Store, clock: Clock, channel: str, account: str, fetch: Fetch) -> None:
        self._store = store
        self._clock = clock
        self._channel = channel
        self._account = hashlib.sha256(account.encode()).hexdigest()[:32]
        self._fetch = fetch
        self._getting: asyncio.Task[str] | None = (
            None  # whoever needs one meanwhile waits for it, and shares its failure
        )
        self._held: tuple[str, datetime] | None = None  # what the row said last, and until when it needs no look
        self._struck: str | None = None  # what the platform refused last

    async def call(self, send: Callable[[str], Awaitable[Answer]]) -> Answer:
        """Call with the token; where the platform refuses it, once more with a new one. Raises NoToken, NoAnswer."""
        token = await self.get()
        answer = await send(token)
        if code_of(answer) in REFUSED:
            await self.refused(token)
            answer = await send(await self.get())
        return answer

    async def get(self) -> str:
        """Return a token that holds. Raises NoToken, NoAnswer."""
        if self._held is not None and self._held[1] > self._clock.now():
            return self._held[0]
        if self._getting is None:
            self._getting = asyncio.create_task(self._from_row())
            self._getting.add_done_callback(self._got)
        return await asyncio.shield(self._getting)

    def _got(self, task: asyncio.Task[str]) -> None:
        if self._getting is task:
            self._getting = None
        if not task.cancelled():
            task.exception()  # somebody who was cancelled meanwhile may have been the only one to wait for it

    async def refused(self, token: str) -> None:
        """Strike out a token that the platform refuses, unless another process has fetched a new one already."""
        self._struck = token
        mine = (AccessToken.channel == self._channel, AccessToken.token == token)
        await self._store.write(lambda session: session.execute(update(AccessToken).where(*mine).values(token=None)))
        self._held = self._getting = None  # what was looked up before may be the one that was struck out

    async def _from_row(self) -> str:
        waited = 0.0
        while waited < PATIENCE:
            now = self._clock.now()
            if self._held is not None and self._held[1] > now:
                return self._held[0]
            token, claimed = await self._store.write(partial(self._look, now=now))
            if claimed:
                return await self._renew(token)
            if token is not None:
                return token
            await asyncio.sleep(LOOK_AGAIN)
            waited += LOOK_AGAIN
        raise NoToken("another process fetches the token and does not come to an end")

    def _look(self, session: Session, now: datetime) -> tuple[str | None, bool]:
        """Return the token while it holds, and whether we claimed the fetching of a new one."""
        row = session.scalar(select(AccessToken).where(AccessToken.channel == self._channel))
        ours = row is not None and row.account == self._account and row.token is not None
        ends = row.expires_at if row is not None and ours else None
        if row is not None and ends is not None and ends - SPARE > now:
            self._held = (str(row.token), ends - SPARE)
            return row.token, False
        token = row.token if row is not None and ends is not None and ends > now else None
        return token, self._claim(session, now)

    def _claim(self, session: Session, now: datetime) -> bool:
        claim = {"channel": self._channel, "account": self._account, "claimed_until": now + CLAIM}
        if insert_or_ignore(session, AccessToken, claim):
            return True
        until = AccessToken.claimed_until  # a claim that ends so late was made by a clock that was wrong
        free = or_(until.is_(None), until <= now, until > now + 2 * CLAIM)
        mine = update(AccessToken).where(AccessToken.channel == self._channel, free).values(claimed_until=now + CLAIM)
        return session.scalar(mine.returning(AccessToken.channel)) is not None

    async def _renew(self, old: str | None) -> str:
        """Fetch, outside any transaction; where that fails the old one serves while it holds."""
        try:
            hit("token.claimed")
            fresh = await self._fetch(False)
            if fresh.token == self._struck:
                fresh = await self._fetch(True)
            hit("token.fetched")
        except (NoToken, NoAnswer) as error:
            await self._give_back()
            if old is None:
                raise
            log.warning("token_not_renewed", channel=self._channel, reason=str(error))
            return old
        except BaseException:
            await self._give_back()
            raise
        ends = self._clock.now() + timedelta(seconds=fresh.seconds)
        await self._write(token=fresh.token, account=self._account, expires_at=ends, claimed_until=None)
        hit("token.written")
        self._held = (fresh.token, ends - SPARE)
        return fresh.token

    async def _give_back(self) -> None:
        await self._write(claimed_until=None)

    async def _write(self, **values: object) -> None:
        ours = AccessToken.channel == self._channel
        await self._store.write(lambda session: session.execute(update(AccessToken).where(ours).values(**values)))
