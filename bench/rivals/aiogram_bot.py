"""A report by aiogram's finite state machine, as its documentation does it.

python -m bench.rivals.aiogram_bot ADDRESS memory|sqlite FOLDER
"""

import asyncio
import sys
from pathlib import Path

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bench.rivals.common import FILED, KINDS, PLACES, WHAT, WHERE, WHICH, Reports, summary


class Report(StatesGroup):  # type: ignore[misc]
    """The questions."""

    words = State()
    place = State()
    kind = State()
    submit = State()


async def report(message: Message, state: FSMContext) -> None:
    """Begin."""
    await state.set_state(Report.words)
    await message.answer(WHAT)


async def words(message: Message, state: FSMContext) -> None:
    """Take the words, ask for the place."""
    await state.update_data(words=message.text)
    await state.set_state(Report.place)
    await message.answer(WHERE, reply_markup=buttons("place", PLACES))


async def place(query: CallbackQuery, state: FSMContext) -> None:
    """Take the place, ask for the kind."""
    await state.update_data(place=query.data.partition(":")[2])
    await state.set_state(Report.kind)
    await query.answer()
    await query.message.edit_text(WHICH, reply_markup=buttons("kind", KINDS))


async def kind(query: CallbackQuery, state: FSMContext) -> None:
    """Take the kind, show all of it."""
    told = await state.update_data(kind=query.data.partition(":")[2])
    await state.set_state(Report.submit)
    await query.answer()
    markup = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="提交", callback_data="submit")]])
    await query.message.edit_text(summary(told["words"], told["place"], told["kind"]), reply_markup=markup)


async def submit(query: CallbackQuery, state: FSMContext, reports: Reports) -> None:
    """File it."""
    told = await state.get_data()
    number = reports.file(query.from_user.id, told["words"], told["place"], told["kind"])
    await state.clear()
    await query.answer()
    await query.message.edit_text(FILED.format(number=number))


async def cancel(message: Message, state: FSMContext) -> None:
    """Break off."""
    await state.clear()
    await message.answer("已取消")


def buttons(name: str, choices: dict[str, str]) -> InlineKeyboardMarkup:
    """Return the choices, three in a row."""
    found = [InlineKeyboardButton(text=label, callback_data=f"{name}:{key}") for key, label in choices.items()]
    return InlineKeyboardMarkup(inline_keyboard=[found[start : start + 3] for start in range(0, len(found), 3)])


def build_router() -> Router:
    """Put the steps together."""
    router = Router()
    router.message.register(report, Command("report"))
    router.message.register(cancel, Command("cancel"))
    router.message.register(words, Report.words, F.text)
    router.callback_query.register(place, Report.place, F.data.startswith("place:"))
    router.callback_query.register(kind, Report.kind, F.data.startswith("kind:"))
    router.callback_query.register(submit, Report.submit, F.data == "submit")
    return router


async def main(address: str, how: str, folder: Path) -> None:
    """Poll until killed."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(address))
    bot = Bot("123456:bench", session=session)
    dispatcher = Dispatcher(storage=MemoryStorage())
    dispatcher.include_router(build_router())
    reports = Reports(folder / "aiogram.db" if how == "sqlite" else None)
    await dispatcher.start_polling(bot, reports=reports)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
