"""`redsteward posters`: a printable sheet for each building, whose codes bind whoever scans them to it."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from bot.channels.telegram.api import Api as TelegramApi
from bot.channels.telegram.errors import TelegramError
from bot.channels.tencent.http import NoAnswer, code_of
from bot.channels.tencent.tokens import NoToken
from bot.channels.wechat.api import Api as WeChatApi
from bot.channels.wechat.limits import SCENE
from bot.poster_sheet import DPI, Code, draw, missing
from bot.say import say
from cases.settings import PlaceSettings, Settings
from handlers.home import POSTER
from handlers.posters import poster_words
from handlers.texts import translator

ALL = "posters.pdf"
DEEP_LINK = 64  # characters that Telegram takes behind ?start=


class PosterError(OSError):
    """No posters can be made. The text says what to do."""


def make(settings: Settings, folder: Path, keys: Sequence[str] = ()) -> None:
    """Write a PNG for each building (or for these places) and a PDF of all. Raises OSError."""
    places = _places(settings, keys)
    codes = asyncio.run(_codes(settings, [place for place, _ in places]))
    folder.mkdir(parents=True, exist_ok=True)
    t = translator(settings.desk.language)
    everything = folder / ALL
    everything.unlink(missing_ok=True)
    for place, label in places:
        words = poster_words(t, label, settings.desk.name)
        if strange := missing(f"{label}{settings.desk.name}"):
            say(f"{place.key}: the font of the posters has no {strange}, an empty box stands there; write it by hand")
        labels = {"wechat": words.wechat, "telegram": words.telegram}
        sheet = draw(words, [Code(url, labels[channel]) for channel, url in codes[place.key]])
        sheet.save(folder / f"{place.key}.png", dpi=(DPI, DPI), optimize=True)
        # Sheet by sheet: hundreds of them have no room in memory.
        sheet.save(everything, "PDF", resolution=DPI, append=everything.exists())
    say(f"{len(places)} sheets in {folder}, all of them in {everything}. Scan one before you print them all.")


def _places(settings: Settings, keys: Sequence[str]) -> list[tuple[PlaceSettings, str]]:
    """Return the places with the words for them: 丰美小区 3号楼."""
    known = {place.key: (place, parent) for place, parent in settings.walk_places()}
    if missing := [key for key in keys if key not in known]:
        raise PosterError(f'no place "{missing[0]}" in the configuration; write its key, like {next(iter(known))}')
    wanted = list(keys) or [key for key, (place, _) in known.items() if place.kind == "building"]
    if not wanted:
        raise PosterError("there are no buildings; name the keys of places behind the command")
    found = []
    for key in wanted:
        place, parent = known[key]
        above = known[parent][0].name if parent else ""
        found.append((place, f"{above} {place.name}".strip()))
    return found


async def _codes(settings: Settings, places: Sequence[PlaceSettings]) -> dict[str, list[tuple[str, str]]]:
    """Return channel and content of the codes of each place. Raises PosterError."""
    told = settings.channels
    found: dict[str, list[tuple[str, str]]] = {place.key: [] for place in places}
    if told.wechat.enabled:
        for key, url in (await _wechat(settings, places)).items():
            found[key].append(("wechat", url))
    if told.telegram.enabled:
        name = await _telegram_name(settings)
        for place in places:
            found[place.key].append(("telegram", f"https://t.me/{name}?start={POSTER}{place.key}"))
    if not any(found.values()):
        raise PosterError(
            "neither WeChat nor Telegram is enabled; set channels.wechat.enabled or channels.telegram.enabled"
        )
    return found


async def _wechat(settings: Settings, places: Sequence[PlaceSettings]) -> dict[str, str]:
    """Ask the platform for a permanent code of each place; it gives the same again for the same place."""
    api = WeChatApi.alone(settings.channels.wechat)
    found: dict[str, str] = {}
    try:
        for place in places:
            scene = f"{POSTER}{place.key}"
            if not re.fullmatch(SCENE, scene):
                raise PosterError(f'the key "{place.key}" is too long for a code of WeChat; use a shorter one')
            answer = await api.scene(scene)
            if code_of(answer) or not isinstance(answer.get("url"), str):
                raise PosterError(f"WeChat gives no code for {place.key}: errcode {code_of(answer)}")
            found[place.key] = answer["url"]
    except (NoToken, NoAnswer) as error:
        raise PosterError(f"WeChat gives no code: {error}; try redsteward check --online") from None
    finally:
        await api.close()
    return found


async def _telegram_name(settings: Settings) -> str:
    """Ask for the bot's name. Raises PosterError."""
    told = settings.channels.telegram
    api = TelegramApi(told.token, told.base_url, told.base_file_url)
    try:
        return str((await api.call("getMe", {}))["username"])
    except TelegramError as error:
        raise PosterError(f"Telegram cannot be asked for the bot's name ({type(error).__name__})") from None
    finally:
        await api.close()
