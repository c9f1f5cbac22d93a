"""Photos: taken in with a cap, given out to those whose chat shows them."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response

from bot.attachments import Files, Unacceptable
from bot.channels.web import attachments, limits
from bot.channels.web.headers import secure
from bot.channels.web.rate import Rate
from bot.channels.web.sessions import Sessions
from bot.channels.web.texts import Code, say
from storage.engine import Store

INLINE = ("image/jpeg", "image/png", "image/webp", "image/gif")  # anything else is for saving, never for showing
_STATUS: dict[str, int] = {
    "forbidden": 403, "no_session": 401, "too_many": 429, "too_large": 413, "no_file": 400, "disk_full": 507,
}  # fmt: skip
_UNSUPPORTED = 415


class Refusal(Exception):
    """An upload that is not kept."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code: Code = code


class Uploads:
    """Serves `/chat/upload` and `/files/{token}`."""

    def __init__(self, store: Store, sessions: Sessions, files: Files, rate: Rate) -> None:
        self._store = store
        self._sessions = sessions
        self._files = files
        self._rate = rate
        self._room = asyncio.Semaphore(limits.UPLOADS_AT_ONCE)

    async def upload(self, request: Request) -> Response:
        """Keep one file and answer with its token, or with a sentence that says why not."""
        try:
            return secure(JSONResponse(await self._keep(request)))
        except Refusal as refusal:
            text = say(refusal.code, self._sessions.language(request))
            return secure(JSONResponse({"error": text}, _STATUS.get(refusal.code, _UNSUPPORTED)))

    async def show(self, request: Request) -> Response:
        """Give a file to somebody who may see it. Others are told the same as for one that is not there."""
        visitor = self._sessions.visitor(request)
        token = request.path_params["token"]
        if visitor is None:
            raise HTTPException(404)
        user, chat = visitor.user, visitor.chat
        file = await self._store.read(lambda session: attachments.to_see(session, self._files, user, chat, token))
        if file is None or not file.path.is_file():
            raise HTTPException(404)
        shown = "inline" if file.mime in INLINE else "attachment"
        response = FileResponse(
            file.path, media_type=file.mime, filename=file.name or token[:8], content_disposition_type=shown,
            headers={"Cache-Control": f"private, max-age={limits.FILE_SECONDS}"},
        )  # fmt: skip
        secure(response)
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response

    async def _keep(self, request: Request) -> dict[str, str]:
        if not self._sessions.trusts(request):
            raise Refusal("forbidden")
        visitor = self._sessions.visitor(request)
        if visitor is None:
            raise Refusal("no_session")
        if not self._rate.allows(visitor.user):
            raise Refusal("too_many")
        async with self._room:
            data, name = await read_file(request)
            try:
                kept = await self._files.keep(channel=attachments.CHANNEL, user=visitor.user, data=data, name=name)
            except Unacceptable as error:
                raise Refusal(error.code) from None
        return {"token": kept.token, "kind": kept.kind}


async def read_file(request: Request) -> tuple[bytes, str]:
    """Return the bytes and the name of the field `file` of a multipart form. Raises Refusal."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Refusal("no_file")
    parser = MultiPartParser(request.headers, _capped(request), max_files=1, max_fields=4)
    try:
        form = await parser.parse()
    except (MultiPartException, ClientDisconnect):
        raise Refusal("no_file") from None
    try:
        return await _file_in(form)
    finally:
        await form.close()


async def _file_in(form: FormData) -> tuple[bytes, str]:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Refusal("no_file")
    if (file.size or 0) > limits.UPLOAD_BYTES:
        raise Refusal("too_large")
    return await file.read(), file.filename or ""


async def _capped(request: Request) -> AsyncGenerator[bytes, None]:
    """Yield the body as it comes; stop reading where it is longer than any file we take."""
    most = limits.UPLOAD_BYTES + limits.FORM_BYTES
    if int(request.headers.get("content-length", "0")) > most:
        raise Refusal("too_large")
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen > most:
            raise Refusal("too_large")
        yield chunk
