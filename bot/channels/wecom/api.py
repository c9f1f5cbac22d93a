"""WeCom's calls as this channel uses them. All go to `api_base` and `robot_base`."""

from typing import Any

from bot.channels.tencent.http import Answer, Download, Http
from bot.channels.tencent.tokens import Tokens

Body = dict[str, Any]


class Api:
    """Calls with the app's token; one that is refused for its token is made again once. Raises NoToken, NoAnswer."""

    def __init__(self, http: Http, tokens: Tokens, api_base: str, robot_base: str, agent_id: int) -> None:
        self._http = http
        self._tokens = tokens
        self._api = f"{api_base}/cgi-bin"
        self._robot = f"{robot_base}/cgi-bin/webhook/send"
        self._agent_id = agent_id

    async def send(self, user: str, kind: str, content: Body, *, once: bool = False, within: int = 0) -> Answer:
        """Send a message to one member; `once`: not if the same was sent in the last `within` seconds."""
        body: Body = {"touser": user, "agentid": self._agent_id, "msgtype": kind, kind: content}
        if once:
            body |= {"enable_duplicate_check": 1, "duplicate_check_interval": within}
        return await self._post("message/send", body)

    async def update(self, user: str, code: str, card: Body) -> Answer:
        """Change the card that the code belongs to."""
        told = {"userids": [user], "agentid": self._agent_id, "response_code": code, "template_card": card}
        return await self._post("message/update_template_card", told)

    async def upload(self, kind: str, name: str, mime: str, content: bytes) -> Answer:
        """Put a file up for three days; the answer has its `media_id`."""

        async def put(token: str) -> Answer:
            query = {"access_token": token, "type": kind}
            return await self._http.upload(f"{self._api}/media/upload", query, name, mime, content)

        return await self._tokens.call(put)

    async def download(self, media_id: str, limit: int) -> Download:
        """Fetch a file that a member sent. Raises TooLarge, too."""
        found = Download(b"")

        async def get(token: str) -> Answer:
            nonlocal found
            query = {"access_token": token, "media_id": media_id}
            found = await self._http.download(f"{self._api}/media/get", query, limit)
            return found.refusal or {}

        await self._tokens.call(get)
        return found

    async def say_in_group(self, key: str, text: str) -> Answer:
        """Have a group's robot say something."""
        body = {"msgtype": "text", "text": {"content": text}}
        return await self._http.post(self._robot, {"key": key}, body)

    async def _post(self, what: str, body: Body) -> Answer:
        async def post(token: str) -> Answer:
            return await self._http.post(f"{self._api}/{what}", {"access_token": token}, body)

        return await self._tokens.call(post)
