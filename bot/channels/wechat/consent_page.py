"""The page on which somebody agrees to one subscription notice (订阅通知): WeChat shows its own button in it.

The button is an open tag of WeChat's JS-SDK ("开放标签说明文档", wx-open-subscribe); it works for addresses that are
signed with the account's ticket ("JS-SDK使用权限签名算法"). What was agreed to comes as an event to the callback.
"""

import hashlib
import html
import json
import secrets
from datetime import datetime, timedelta
from string import Template

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.tencent.http import NoAnswer
from bot.channels.tencent.tokens import NoToken
from bot.channels.wechat.api import Api
from bot.clock import Clock
from handlers.consent import ConsentWords

log = structlog.get_logger(__name__)

PATH = "/wechat/notice"
SDK = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"
SPARE = timedelta(minutes=5)  # a ticket is asked for anew so long before it ends

PAGE = Template("""<!doctype html>
<html lang="$language"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>body{font:20px/1.6 sans-serif;margin:2em 1.2em;color:#222}h1{font-size:1.4em}</style>
<h1>$title</h1><p>$text</p>
<wx-open-subscribe template="$template" id="agree"><script type="text/wxtag-template">
<style>button{width:100%;font-size:22px;padding:16px;border:0;border-radius:8px;background:#be1e23;color:#fff}</style>
<button>$button</button>
</script></wx-open-subscribe>
<p id="done" hidden>$done</p><noscript><p>$elsewhere</p></noscript>
<script src="$sdk"></script>
<script>
if (window.wx) wx.config($config);
document.getElementById("agree").addEventListener("success", () => { document.getElementById("done").hidden = false; });
</script></html>
""")


class ConsentPage:
    """The page for one template, at its address below `public_url`."""

    def __init__(
        self, api: Api, clock: Clock, app_id: str, template: str, public_url: str, words: ConsentWords
    ) -> None:
        self._api = api
        self._clock = clock
        self._app_id = app_id
        self._template = template
        self._words = words
        self.url = f"{public_url}{PATH}"
        self._ticket: tuple[str, datetime] | None = None

    def route(self) -> Route:
        """Return the route for the web application."""
        return Route(PATH, self.show, methods=["GET"])

    async def show(self, request: Request) -> Response:
        """Show the page, signed for the address that the phone has opened."""
        try:
            ticket = await self._fresh_ticket()
        except (NoToken, NoAnswer) as error:
            log.warning("wechat_no_ticket", reason=str(error))
            return PlainTextResponse(self._words.elsewhere, 503)
        query = f"?{request.url.query}" if request.url.query else ""
        words = self._words
        filled = {name: html.escape(getattr(words, name)) for name in words.__slots__}
        body = PAGE.substitute(
            filled, template=html.escape(self._template), sdk=SDK,
            config=json.dumps(self._config(ticket, self.url + query)).replace("<", "\\u003c"),
        )  # fmt: skip
        return HTMLResponse(body, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})

    def _config(self, ticket: str, url: str) -> dict[str, object]:
        """Return what the SDK is told: who we are, signed for this address."""
        nonce, stamp = secrets.token_hex(8), int(self._clock.now().timestamp())
        told = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={stamp}&url={url}"
        signature = hashlib.sha1(told.encode(), usedforsecurity=False).hexdigest()
        return {"appId": self._app_id, "timestamp": stamp, "nonceStr": nonce, "signature": signature,
                "jsApiList": [], "openTagList": ["wx-open-subscribe"]}  # fmt: skip

    async def _fresh_ticket(self) -> str:
        """Return the account's ticket, which holds two hours. Raises NoToken, NoAnswer."""
        now = self._clock.now()
        if self._ticket is None or self._ticket[1] <= now:
            answer = await self._api.ticket()
            ticket, seconds = answer.get("ticket"), answer.get("expires_in")
            if not isinstance(ticket, str) or not isinstance(seconds, int):
                raise NoToken(f"no ticket: errcode {answer.get('errcode')}")
            self._ticket = (ticket, now + timedelta(seconds=seconds) - SPARE)
        return self._ticket[0]
