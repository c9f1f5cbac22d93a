"""A bot that understands nothing and answers everything at once: how fast residents and server of the race can be.

python -m bench.null_bot ADDRESS
"""

import asyncio
import re
import sys
from urllib.parse import urlsplit

from bench.api_server import TOKEN

_UPDATE = re.compile(rb'"update_id":(\d+)')
_CHAT = re.compile(rb'"chat":{"id":(\d+)')
_LENGTH = re.compile(rb"Content-Length: (\d+)")
# Every button that a resident may wait for at once, and the number of a case.
SHOWN = b"&text=%%231&reply_markup=" + b"".join(
    b"callback_data%%22%%3A+%%22" + data + b"%%22" for data in (b"place%%3A1", b"kind%%3Alights", b"submit")
)

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Null:
    """Two connections: one asks, one answers."""

    def __init__(self, host: str, port: int) -> None:
        self._where = host, port

    async def run(self) -> None:
        """Answer for ever."""
        asking, telling = [await asyncio.open_connection(*self._where) for _ in range(2)]
        try:
            await self._answer(asking, telling)
        finally:
            for _reader, writer in (asking, telling):
                writer.close()

    async def _answer(self, asking: Connection, telling: Connection) -> None:
        offset = 0
        while True:
            body = await self._call(*asking, [self._form("getUpdates", b"timeout=30&offset=%d" % offset)])
            updates, chats = _UPDATE.findall(body), _CHAT.findall(body)
            if updates:
                offset = int(updates[-1]) + 1
                said = [self._form("sendMessage", (b"chat_id=%d" + SHOWN) % int(chat)) for chat in chats]
                await self._call(*telling, said)

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, forms: list[bytes]) -> bytes:
        """Send all of them, read all the answers; return the last."""
        writer.write(b"".join(forms))
        body = b""
        for _ in forms:
            head = await reader.readuntil(b"\r\n\r\n")
            found = _LENGTH.search(head)
            body = await reader.readexactly(int(found[1]) if found else 0)
        return body

    @staticmethod
    def _form(method: str, form: bytes) -> bytes:
        head = f"POST /bot{TOKEN}/{method} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(form)}\r\n\r\n"
        return head.encode() + form


if __name__ == "__main__":
    parts = urlsplit(sys.argv[1])
    asyncio.run(Null(parts.hostname or "", parts.port or 0).run())
