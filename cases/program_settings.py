"""The technical half of `config.yaml`: who we are, where data lies, the web server, the chat platforms.

Checks that need two keys stand at the later one, so that each mistake is named at its own key.
"""

import re
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from cases.duration import Duration, parse
from cases.setting_values import AES_KEY, WEB_ADDRESS, address, secret
from cases.wechat_settings import WeChatSettings

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TELEGRAM = "https://api.telegram.org"
WECOM = "https://qyapi.weixin.qq.com"
SHORTEST_MESSAGES = timedelta(days=3)


class Part(BaseModel):
    """A section of the file: unknown keys are mistakes, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class DeskSettings(Part):
    """Who we are."""

    name: str = Field(default="红管家", min_length=1, max_length=40)
    timezone: str = "Asia/Shanghai"
    language: Literal["zh", "en"] = "zh"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f'no time zone "{value}"; write one like Asia/Shanghai') from None
        return value


class DatabaseSettings(Part):
    """Where the cases are kept: `sqlite:///path` or `postgresql+psycopg://…`."""

    url: str = Field(default="sqlite:///data/redsteward.db", repr=False)  # may hold a password from the environment

    @field_validator("url")
    @classmethod
    def _known_kind(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError(
                "not a database we know; write sqlite:///data/redsteward.db or postgresql+psycopg://user@host/name"
            )
        return value


class PrivacySettings(Part):
    """How long what leads to a person is kept; a duration counts round the clock, whatever days it is told in.

    `closed_cases_after` and `attachments_after` count from a case's last change and from when a file came.
    """

    closed_cases_after: Duration = parse("365d")
    attachments_after: Duration = parse("180d")
    messages_after: Duration = parse("30d")
    sheets_after: Duration = parse("7d")
    audit_words_after: Duration = parse("1825d")

    @field_validator("messages_after")
    @classmethod
    def _long_enough(cls, value: Duration) -> Duration:
        """A message is tried for two days, and a platform repeats an update for a day (Bot API, getUpdates)."""
        if value.delta < SHORTEST_MESSAGES:
            raise ValueError(
                f"{value} is too short; write at least {SHORTEST_MESSAGES.days}d: what waits is sent till then"
            )
        return value


class WebSettings(Part):
    """The HTTP server: web chat, webhooks, health. It listens beyond this machine only with `allow_outside`."""

    enabled: bool = True
    allow_outside: bool = False
    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    origins: tuple[str, ...] = ()

    @field_validator("host")
    @classmethod
    def _outside_only_if_meant(cls, value: str, info: ValidationInfo) -> str:
        if value not in LOOPBACK and not info.data.get("allow_outside", True):
            raise ValueError(
                f'"{value}" can be reached from outside; write host: 127.0.0.1, or allow_outside: true if you mean it'
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        return address(value, "https://desk.example.cn") if value else value

    @field_validator("origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not WEB_ADDRESS.fullmatch(origin) or urlsplit(origin).path:
                raise ValueError(f'"{origin}" is no web origin; write it like https://desk.example.cn, without a path')
        return value


class TelegramSettings(Part):
    """The Telegram bot. Secrets come from the environment: `${NAME}`."""

    enabled: bool = False
    mode: Literal["polling", "webhook"] = "polling"
    token: str = Field(default="", repr=False, validate_default=True)
    base_url: str = f"{TELEGRAM}/bot"
    base_file_url: str = f"{TELEGRAM}/file/bot"
    per_second: float = Field(default=30, ge=0, le=1000)  # messages in all; 0: no limit, nor one for each chat
    webhook_url: str = Field(default="", validate_default=True)
    webhook_secret: str = Field(default="", repr=False, validate_default=True)

    @field_validator("token")
    @classmethod
    def _has_token(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("enabled") and not value:
            raise ValueError("is missing; write token: ${TELEGRAM_TOKEN} and set TELEGRAM_TOKEN in the environment")
        if re.search(r"\s", value):
            raise ValueError("holds a space or a line break; copy it again from @BotFather")
        return value

    @field_validator("base_url", "base_file_url")
    @classmethod
    def _bot_address(cls, value: str) -> str:
        if not WEB_ADDRESS.fullmatch(value):
            raise ValueError(f'"{value}" is no web address; write it like {TELEGRAM}/bot')
        return value

    @field_validator("webhook_url")
    @classmethod
    def _called_over_https(cls, value: str, info: ValidationInfo) -> str:
        if not _uses_webhook(info):
            return value
        # A Bot API server of one's own may call plain addresses (its option --local); Telegram's never does.
        own_server = not str(info.data.get("base_url", "")).startswith(TELEGRAM)
        local = value.startswith("http://") and urlsplit(value).hostname in LOOPBACK
        if not value.startswith("https://") and not (own_server and local):
            raise ValueError("Telegram calls https addresses only; write https://desk.example.cn/telegram/webhook")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _secret_as_telegram_wants_it(cls, value: str, info: ValidationInfo) -> str:
        """Keep to the Bot API: setWebhook takes a secret_token of 1–256 characters A-Z, a-z, 0-9, _ and -."""
        if _uses_webhook(info) and not value:
            raise ValueError(
                "is missing in webhook mode; write webhook_secret: ${TELEGRAM_WEBHOOK_SECRET} and set that variable"
            )
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", value):
            raise ValueError("is not one Telegram takes; use 1 to 256 characters A-Z, a-z, 0-9, _ and -")
        return value


def _uses_webhook(info: ValidationInfo) -> bool:
    return bool(info.data.get("enabled")) and info.data.get("mode") == "webhook"


class RobotSettings(Part):
    """A group robot of WeCom: the place whose group it is in, and the key in the address of its webhook."""

    place: str = Field(min_length=1)
    webhook_key: str = Field(default="", repr=False)


class WecomSettings(Part):
    """WeCom (企业微信): an app for stewards, coordinators and admins, and robots in their groups."""

    enabled: bool = False
    corp_id: str = Field(default="", validate_default=True)
    agent_id: int = Field(default=0, ge=0, validate_default=True)
    secret: str = Field(default="", repr=False, validate_default=True)
    token: str = Field(default="", repr=False, validate_default=True)
    aes_key: str = Field(default="", repr=False, validate_default=True)
    api_base: str = WECOM
    robot_base: str = WECOM
    robots: tuple[RobotSettings, ...] = ()

    @field_validator("corp_id")
    @classmethod
    def _has_corp_id(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("enabled") and not value:
            raise ValueError("is missing; copy 企业ID from 我的企业 › 企业信息")
        return value

    @field_validator("agent_id")
    @classmethod
    def _has_agent_id(cls, value: int, info: ValidationInfo) -> int:
        if info.data.get("enabled") and not value:
            raise ValueError("is missing; copy AgentId from the app's page")
        return value

    @field_validator("secret", "token")
    @classmethod
    def _has_secret(cls, value: str, info: ValidationInfo) -> str:
        return secret(value, info.field_name, "WECOM", needed=bool(info.data.get("enabled")))

    @field_validator("aes_key")
    @classmethod
    def _is_aes_key(cls, value: str, info: ValidationInfo) -> str:
        """Keep to "加解密方案说明": EncodingAESKey is 43 characters A-Z, a-z, 0-9."""
        if (info.data.get("enabled") or value) and not AES_KEY.fullmatch(value):
            raise ValueError("is not the 43 letters and digits of EncodingAESKey; copy it from the app's 接收消息 page")
        return value

    @field_validator("api_base", "robot_base")
    @classmethod
    def _api_address(cls, value: str) -> str:
        return address(value, WECOM)

    @field_validator("robots")
    @classmethod
    def _robots_have_keys(cls, value: tuple[RobotSettings, ...], info: ValidationInfo) -> tuple[RobotSettings, ...]:
        for robot in value if info.data.get("enabled") else ():
            if not robot.webhook_key:
                raise ValueError(
                    f'the robot of "{robot.place}" has no webhook_key; write ${{NAME}} and set that variable'
                )
        return value


class WebChatSettings(Part):
    """The web chat for residents without an app."""

    enabled: bool = True


class ChannelSettings(Part):
    """The chat platforms."""

    telegram: TelegramSettings = TelegramSettings()
    wechat: WeChatSettings = WeChatSettings()
    web: WebChatSettings = WebChatSettings()
    wecom: WecomSettings = WecomSettings()
