"""The wire: reads a request's parameters in any of the three encodings and writes Telegram's answers."""

import json
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from tests.simulators.telegram.errors import BotApiError, Json, Plain, breach, too_large
from tests.simulators.telegram.schema import Upload

ROOM = 1024 * 1024  # what a request may have beside its largest file


async def read_request(request: web.Request, limit: int) -> tuple[Json, dict[str, Upload]]:
    """Return the parameters and the uploaded files. `limit`: bytes of one upload."""
    if (request.content_length or 0) > limit * 10 + ROOM:
        raise too_large()
    params: Json = dict(request.query)
    if request.content_type == "multipart/form-data":
        return await _read_parts(request, params, limit)
    body = await request.read()
    if len(body) > limit + ROOM:
        raise too_large()
    return {**params, **_decode(request.content_type, body)}, {}


def _decode(content_type: str, body: bytes) -> Json:
    if not body:
        return {}
    try:
        if content_type == "application/json":
            return _object(json.loads(body))
        return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
    except ValueError:
        raise breach("can't parse the request body", f"the body is no {content_type}") from None


def _object(found: Plain) -> Json:
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


async def _read_parts(request: web.Request, params: Json, limit: int) -> tuple[Json, dict[str, Upload]]:
    uploads: dict[str, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise breach("can't parse the request body", "a part without a name")
        data = await _read_part(part, limit)
        if part.filename is None:
            params[part.name] = _text(data)
        else:
            uploads[part.name] = Upload(part.filename, data, _mime(part))
    return params, uploads


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise breach("strings must be encoded in UTF-8") from None


async def _read_part(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(256 * 1024):
        data += chunk
        if len(data) > limit:
            raise too_large()
    return bytes(data)


def _mime(part: BodyPartReader) -> str:
    given = part.headers.get("Content-Type", "")
    return "" if given == "application/octet-stream" else given


def answer(status: int, body: Json | str, retry_after: int | None = None) -> web.Response:
    """Return an answer; a `str` goes out as it is, as from a broken proxy."""
    headers = {"Retry-After": str(retry_after)} if retry_after else None
    if isinstance(body, str):
        return web.Response(text=body, status=status, content_type="text/html", headers=headers)
    encoded = json.dumps(body, ensure_ascii=False).encode()
    return web.Response(body=encoded, status=status, content_type="application/json", headers=headers)


def refusal(error: BotApiError) -> web.Response:
    """Return the answer to a call that is refused."""
    return answer(error.code, error.body(), error.parameters.get("retry_after"))
