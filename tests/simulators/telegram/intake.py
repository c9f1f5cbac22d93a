"""How the bot takes updates in: getUpdates, the webhook, presses and files."""

import re
from urllib.parse import urlsplit

from tests.simulators.telegram.errors import ContractError, Json, breach, conflict
from tests.simulators.telegram.html import utf16
from tests.simulators.telegram.methods import UPDATE_KINDS
from tests.simulators.telegram.schema import Args
from tests.simulators.telegram.updates import DEFAULT_KINDS
from tests.simulators.telegram.world import Webhook, World, check_range

LONGEST_POLL = 50  # seconds; the server ends a longer poll itself
ANSWER_LIMIT = 200  # answerCallbackQuery: "0-200 characters"
SECRET_LIMIT = 256  # setWebhook: "1-256 characters. Only characters A-Z, a-z, 0-9, _ and - are allowed"
PORTS = {443, 80, 88, 8443}  # https://core.telegram.org/bots/api#setwebhook, note 2
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
LOCAL = {"127.0.0.1", "localhost", "::1"}


def get_me(world: World, _: Args) -> Json:
    """Carry out getMe."""
    abilities = {
        "can_join_groups": True, "can_read_all_group_messages": not world.privacy, "supports_inline_queries": False,
        "can_connect_to_business": False, "has_main_web_app": False,
    }  # fmt: skip
    return {**world.bot, **abilities}


async def get_updates(world: World, args: Args) -> list[Json]:
    """Carry out getUpdates."""
    if world.webhook.url:
        raise conflict(WEBHOOK_ACTIVE)
    check_range("limit", args.get("limit"), 1, 100)
    check_range("timeout", args.get("timeout"), 0, float("inf"))
    world.queue.allow(_kinds(args))
    seconds = min(args.get("timeout", 0), LONGEST_POLL)
    return await world.queue.get(args.get("offset", 0), args.get("limit", 100), seconds)


def set_webhook(world: World, args: Args) -> bool:
    """Carry out setWebhook."""
    if not args["url"]:
        return delete_webhook(world, args)
    _check_url(args["url"])
    check_range("max_connections", args.get("max_connections"), 1, 100)
    secret = args.get("secret_token", "")
    _check_secret(secret, given="secret_token" in args.values)
    kinds = _kinds(args)
    world.flood.take_webhook(world.monotonic())
    world.queue.allow(kinds)
    world.queue.end_poll("terminated by setWebhook request")
    if args.get("drop_pending_updates"):
        world.queue.clear()
    connections, address = args.get("max_connections", 40), args.get("ip_address", "127.0.0.1")
    world.webhook = Webhook(args["url"], secret, connections, address)
    return True


def delete_webhook(world: World, args: Args) -> bool:
    """Carry out deleteWebhook."""
    world.webhook = Webhook()
    if args.get("drop_pending_updates"):
        world.queue.clear()
    return True


def get_webhook_info(world: World, _: Args) -> Json:
    """Carry out getWebhookInfo."""
    hook = world.webhook
    info: Json = {"url": hook.url, "has_custom_certificate": False, "pending_update_count": world.queue.waiting}
    if hook.url:
        info.update(ip_address=hook.ip_address, max_connections=hook.connections)
        if world.queue.allowed != DEFAULT_KINDS:
            info["allowed_updates"] = sorted(world.queue.allowed)
    if hook.error:
        info.update(last_error_message=hook.error, last_error_date=hook.error_at)
    return info


def answer_callback_query(world: World, args: Args) -> bool:
    """Carry out answerCallbackQuery."""
    text = args.get("text", "")
    if utf16(text) > ANSWER_LIMIT:
        raise breach("MESSAGE_TOO_LONG", f"an answer has at most {ANSWER_LIMIT} characters, not {utf16(text)}")
    check_range("cache_time", args.get("cache_time"), 0, 24 * 30 * 3600)
    if args.get("url"):
        raise breach("URL_INVALID", "the simulator knows neither games nor t.me links in answers")
    world.answer(args["callback_query_id"], text, alert=args.get("show_alert", False))
    return True


def get_file(world: World, args: Args) -> Json:
    """Carry out getFile."""
    return world.files.fetch(args["file_id"], world.limits)


def _kinds(args: Args) -> list[str] | None:
    kinds: list[str] | None = args.get("allowed_updates")
    if unknown := set(kinds or ()) - UPDATE_KINDS:
        raise breach("wrong allowed_updates specified", f"there are no updates of the kind {sorted(unknown)}")
    return kinds


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in LOCAL
    if not local and (parts.scheme != "https" or not parts.hostname):
        raise ContractError(400, "Bad Request: invalid webhook URL specified", f"an HTTPS URL is needed, not {url!r}")
    if parts.scheme == "https" and (parts.port or 443) not in PORTS:
        raise breach("bad webhook: webhook can be set up only on ports 80, 88, 443 or 8443")


def _check_secret(secret: str, *, given: bool) -> None:
    if len(secret) > SECRET_LIMIT:
        raise breach("secret token is too long")
    if given and not re.fullmatch(r"[A-Za-z0-9_-]+", secret):
        raise breach("secret token contains unallowed characters", "secret_token takes A-Z a-z 0-9 _ - only")
