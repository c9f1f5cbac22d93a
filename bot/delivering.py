"""Hands one row to its channel, whatever the channel makes of it."""

import structlog

from bot.channels.base import Channel, Later, Outcome, Refused
from bot.outrows import Claimed
from storage.faults import hit

MOST_FAILURES = 13  # of a channel with one message, some eight minutes

log = structlog.get_logger(__name__)


async def deliver(channel: Channel, claimed: Claimed) -> Outcome:
    """Send; a channel's bug must not lose a message, nor may one poisoned message hold up its chat for ever."""
    try:
        hit("outbox.before_send")
        return await channel.deliver(claimed.delivery)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this message's alone
        log.error("channel_failed", channel=channel.name, row=claimed.delivery.id, error=type(error).__name__)
        reason = f"{type(error).__name__} in channel {channel.name}"
        return Later(reason) if claimed.attempts < MOST_FAILURES else Refused(reason)
