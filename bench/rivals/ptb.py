"""A report by python-telegram-bot's ConversationHandler, as its `conversationbot.py` and `inlinekeyboard2.py` do it.

python -m bench.rivals.ptb ADDRESS memory|pickle|sqlite FOLDER
"""

import sys
from pathlib import Path

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

from bench.rivals.common import FILED, KINDS, PLACES, WHAT, WHERE, WHICH, Reports, summary

WORDS, PLACE, KIND, SUBMIT = range(4)
Context = ContextTypes.DEFAULT_TYPE


async def report(update: Update, _context: Context) -> int:
    """Begin."""
    assert update.message is not None
    await update.message.reply_text(WHAT)
    return WORDS


async def words(update: Update, context: Context) -> int:
    """Take the words, ask for the place."""
    assert update.message is not None
    assert context.user_data is not None
    context.user_data["words"] = update.message.text
    await update.message.reply_text(WHERE, reply_markup=buttons("place", PLACES))
    return PLACE


async def place(update: Update, context: Context) -> int:
    """Take the place, ask for the kind."""
    assert update.callback_query is not None
    assert context.user_data is not None
    context.user_data["place"] = (update.callback_query.data or "").partition(":")[2]
    await update.callback_query.answer()
    await update.callback_query.edit_message_text(WHICH, reply_markup=buttons("kind", KINDS))
    return KIND


async def kind(update: Update, context: Context) -> int:
    """Take the kind, show all of it."""
    assert update.callback_query is not None
    assert context.user_data is not None
    context.user_data["kind"] = (update.callback_query.data or "").partition(":")[2]
    await update.callback_query.answer()
    told = context.user_data
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("提交", callback_data="submit")]])
    await update.callback_query.edit_message_text(
        summary(told["words"], told["place"], told["kind"]), reply_markup=markup
    )
    return SUBMIT


async def submit(update: Update, context: Context) -> int:
    """File it."""
    assert update.callback_query is not None
    assert context.user_data is not None
    told = context.user_data
    number = REPORTS.file(update.callback_query.from_user.id, told["words"], told["place"], told["kind"])
    await update.callback_query.answer()
    await update.callback_query.edit_message_text(FILED.format(number=number))
    told.clear()
    return int(ConversationHandler.END)


async def cancel(update: Update, context: Context) -> int:
    """Break off."""
    assert update.message is not None
    if context.user_data is not None:
        context.user_data.clear()
    await update.message.reply_text("已取消")
    return int(ConversationHandler.END)


def buttons(name: str, choices: dict[str, str]) -> InlineKeyboardMarkup:
    """Return the choices, three in a row."""
    found = [InlineKeyboardButton(label, callback_data=f"{name}:{key}") for key, label in choices.items()]
    return InlineKeyboardMarkup([found[start : start + 3] for start in range(0, len(found), 3)])


def build(address: str, how: str, folder: Path) -> "Application":  # type: ignore[type-arg]
    """Put it together."""
    builder = ApplicationBuilder().token("123456:bench").base_url(f"{address}/bot")
    if how == "pickle":
        builder = builder.persistence(PicklePersistence(folder / "ptb.pickle"))
    application = builder.build()
    application.add_handler(ConversationHandler(
        entry_points=[CommandHandler("report", report)],
        states={
            WORDS: [MessageHandler(filters.TEXT & ~filters.COMMAND, words)],
            PLACE: [CallbackQueryHandler(place, pattern="^place:")],
            KIND: [CallbackQueryHandler(kind, pattern="^kind:")],
            SUBMIT: [CallbackQueryHandler(submit, pattern="^submit$")],
        },
        fallbacks=[CommandHandler("cancel", cancel)],
        name="report", persistent=how == "pickle",
    ))  # fmt: skip
    return application


if __name__ == "__main__":
    ADDRESS, HOW, FOLDER = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    REPORTS = Reports(FOLDER / "ptb.db" if HOW == "sqlite" else None)
    build(ADDRESS, HOW, FOLDER).run_polling(allowed_updates=["message", "callback_query"])
