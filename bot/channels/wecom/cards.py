"""A message with choices as a template card with buttons (按钮交互型), path/90236 of WeCom's documentation."""

from typing import Any

from bot.channels.wecom.limits import BUTTON_LABEL, CARD_BUTTONS, CARD_TEXT, CARD_TITLE
from bot.channels.wecom.text import ELLIPSIS, plain, shorten, width
from handlers.message import Choice, Message

Card = dict[str, Any]

BLUE, GREY = 1, 4  # of button_list.style
NOTHING_TO_PRESS = "—"  # in place of the buttons of a card that has none any more


def fits(message: Message) -> bool:
    """Tell whether all choices of a message have room on a card."""
    return 1 <= len(_choices(message)) <= CARD_BUTTONS


def card(message: Message) -> Card:
    """Return the card of a message whose choices fit; without choices it has no button to press any more.

    What is too long for a card is shortened: where the message names a way to read the whole, that is a button, too.
    """
    title, text = titled(message)
    choices = _choices(message)
    if message.details is not None and len(choices) < CARD_BUTTONS:
        choices.append(message.details)
    made: Card = {"card_type": "button_interaction", "main_title": {"title": shorten(title, CARD_TITLE)}}
    if text:
        made["sub_title_text"] = shorten(text, CARD_TEXT)
    if choices:
        made["button_list"] = [_button(choice) for choice in choices]
    else:
        made["button_list"] = [{"text": NOTHING_TO_PRESS, "style": GREY, "key": "none"}]
        made["replace_text"] = NOTHING_TO_PRESS
    return made


def shortened(message: Message) -> bool:
    """Tell whether something of the message has no room on a card."""
    title, text = titled(message)
    return width(title) > 2 * CARD_TITLE or width(text) > 2 * CARD_TEXT


def titled(message: Message) -> tuple[str, str]:
    """Return title and text; a card has no text without a title, so the first line serves where there is none."""
    text = plain(message.text).strip()
    if message.link is not None:
        text = "\n".join(filter(None, (text, plain(": ".join(message.link)))))
    title = plain(message.title).strip()
    if title:
        return title, text
    first, _, rest = text.partition("\n")
    return (first or ELLIPSIS, rest.strip()) if width(first) <= 2 * CARD_TITLE else (ELLIPSIS, text)


def _choices(message: Message) -> list[Choice]:
    """Return the choices, one of each kind: two buttons of the same key are refused."""
    return list({choice.data: choice for row in message.choices for choice in row}.values())


def _button(choice: Choice) -> dict[str, Any]:
    label = shorten(plain(choice.label).strip(), BUTTON_LABEL) or ELLIPSIS
    return {"text": label, "style": BLUE if choice.style == "primary" else GREY, "key": choice.data}
