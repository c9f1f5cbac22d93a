"""What `config.yaml` says, as typed values. Reading the file and naming mistakes is `bot.config`'s business."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator

from cases.duration import Duration, parse
from cases.folding import fold
from cases.hours import ClockTime, Window, ends_later, sessions
from cases.place_settings import PLACE_KINDS, Buildings, Key, PlaceKind, PlaceSettings
from cases.program_settings import (
    ChannelSettings,
    DatabaseSettings,
    DeskSettings,
    Part,
    PrivacySettings,
    TelegramSettings,
    WebChatSettings,
    WebSettings,
    WecomSettings,
)
from cases.wechat_settings import WeChatSettings

__all__ = [
    "PLACE_KINDS", "Buildings", "Category", "ChannelSettings", "DatabaseSettings", "DeskSettings", "Emergency",
    "Hotline", "Key", "Partner", "PersonSettings", "PlaceKind", "PlaceSettings", "PrivacySettings", "RoleSettings",
    "Settings", "TelegramSettings", "Times", "WeChatSettings", "WebChatSettings", "WebSettings", "WecomSettings",
    "Window",
]  # fmt: skip

MOST_REMINDERS = 5


class Partner(StrEnum):
    """合伙人: what kind of steward somebody is."""

    RED_STEWARD = "red_steward"  # 红色管家
    GOVERNANCE = "governance"  # 治理协同
    BUSINESS = "business"  # 商企发展
    NEIGHBOUR = "neighbour"  # 邻里互助
    SENTINEL = "sentinel"  # 网格哨兵
    POLICE = "police"  # 民警
    JUDGE = "judge"  # 法官
    PROCURATOR = "procurator"  # 检察官
    LAWYER = "lawyer"  # 律师
    MEDIATOR = "mediator"  # 调解员
    ELDER_VANGUARD = "elder_vanguard"  # 银发先锋
    ELDER_ADVISER = "elder_adviser"  # 长者评议员
    TALENT = "talent"  # 小区能人


class RoleSettings(Part):
    """What somebody does, where."""

    role: Literal["steward", "coordinator", "admin"]
    at: str
    partner: Partner | None = Field(default=None, validate_default=True)
    title: str = Field(default="", max_length=80)
    promise: str = Field(default="", max_length=200)
    cap: int | None = Field(default=None, ge=1, le=1000)
    skills: tuple[Key, ...] = ()

    @field_validator("partner")
    @classmethod
    def _steward_has_partner_type(cls, value: Partner | None, info: ValidationInfo) -> Partner | None:
        if info.data.get("role") == "steward" and value is None:
            raise ValueError(f"a steward needs a partner type; write partner: with one of {', '.join(Partner)}")
        return value


class PersonSettings(Part):
    """Somebody with a role."""

    key: Key
    name: str = Field(min_length=1, max_length=80)
    phone: str | None = Field(default=None, pattern=r"^[0-9+\- ]{3,32}$")
    telegram: int | None = Field(default=None, gt=0)
    wecom: str | None = None
    language: Literal["zh", "en"] | None = None
    home: str | None = None
    roles: tuple[RoleSettings, ...] = ()

    @field_validator("wecom")
    @classmethod
    def _is_userid(cls, value: str | None) -> str | None:
        """Keep to "成员管理": 1 to 64 letters, digits and _ - @ ., the first a letter or a digit."""
        if value is not None and not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}", value):
            raise ValueError(f'"{value}" is no account; write the 帐号 of WeCom\'s 通讯录, like WangJianGuo')
        return value


class Hotline(Part):
    """Whom to phone in an emergency."""

    who: str = Field(min_length=1, max_length=60)
    who_en: str = Field(min_length=1, max_length=60)
    number: str = Field(pattern=r"^[0-9+\- ]{3,20}$")


class Emergency(Part):
    """When a matter of this kind is an emergency, and whom to phone."""

    always: bool = False
    words: tuple[str, ...] = Field(default=(), validate_default=True)
    call: tuple[Hotline, ...] = Field(min_length=1)

    @field_validator("words")
    @classmethod
    def _has_sign(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value and not info.data.get("always", True):
            raise ValueError("nothing makes it an emergency; write the words that do, or always: true")
        return value


class Category(Part):
    """A kind of matter: what suggests it, who is responsible, by when.

    `words` suggest it, `hints` only faintly, and where a phrase of `unless` stands the words in it do not count.
    `accept` and `resolve` count from the report.
    """

    key: Key
    name: str = Field(min_length=1, max_length=20)
    name_en: str = Field(min_length=1, max_length=40)
    words: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    partners: tuple[Partner, ...] = ()
    skill: Key | None = None
    wish: bool = False
    pool: bool = False
    accept: Duration = parse("2h")
    claim: Duration = parse("2h")
    resolve: Duration = parse("3 working days")
    photo: bool = False
    private: bool = False
    reopen_days: int = Field(default=7, ge=0, le=365)
    emergency: Emergency | None = None

    @field_validator("words", "hints", "unless")
    @classmethod
    def _no_empty_words(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(word.strip() for word in value):
            raise ValueError("one of the words is empty; take it out")
        return value


class Times(Part):
    """Working hours, decent hours, how long things wait, and when the desk reminds and reports.

    `remind_at` and `urgent_share` are percentages: of the time used, of the time a kind of matter gets.
    """

    working_hours: Window = (time(8, 30), time(17, 30))
    lunch: Window | None = Field(default=(time(12), time(14)), validate_default=True)
    extra_workdays: tuple[date, ...] = ()
    extra_holidays: tuple[date, ...] = ()
    quiet_hours: Window | None = (time(22), time(7))
    rating_hours: Window = (time(9), time(20, 30))
    ask_rating_after: Duration = parse("2h")
    ask_again_after: Duration = parse("1d")
    close_after: Duration = parse("3d")
    wait_for_resident: Duration = parse("5d")
    wait_for_third_party: Duration = parse("14d")
    urge_every: Duration = parse("1h")
    remind_at: tuple[int, ...] = (50, 80)
    next_rung_after: Duration = parse("4 working hours")
    next_rung_after_emergency: Duration = parse("30min")
    urgent_share: int = Field(default=50, ge=10, le=100)
    digest_at: ClockTime = time(8, 30)
    weekly_at: ClockTime = time(10)
    invitation_lasts: Duration = parse("7d")
    report_at: ClockTime = time(9)

    @field_validator("working_hours", "rating_hours")
    @classmethod
    def _ends_later(cls, value: Window) -> Window:
        return ends_later(value)

    @field_validator("lunch")
    @classmethod
    def _within_work(cls, value: Window | None, info: ValidationInfo) -> Window | None:
        sessions(info.data.get("working_hours", (time.min, time.max)), value)
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _not_empty(cls, value: Window | None) -> Window | None:
        if value and value[0] == value[1]:
            raise ValueError('start and end are the same; write ["22:00", "7:00"], or null for none')
        return value

    @field_validator("remind_at")
    @classmethod
    def _ascending_percentages(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        remedy = f"write at most {MOST_REMINDERS} percentages from 1 to 99, the smallest first, like [50, 80]"
        for percent in value:
            if not 1 <= percent <= 99:
                raise ValueError(f"{percent} is no percentage from 1 to 99; {remedy}")
        if list(value) != sorted(set(value)):
            raise ValueError(f"{', '.join(map(str, value))} does not ascend; {remedy}")
        if len(value) > MOST_REMINDERS:
            raise ValueError(f"{len(value)} reminders are too many; {remedy}")
        return value

    def sessions(self) -> tuple[Window, ...]:
        """Return the working day as one or two sessions."""
        return sessions(self.working_hours, self.lunch)


class WishSettings(Part):
    """Words by which a micro-wish is known: `words` always, `hints` where no trouble is told."""

    words: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @cached_property
    def folded(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Words and hints as `cases.folding` spells them."""
        return tuple(map(fold, self.words)), tuple(map(fold, self.hints))


class MeTooSettings(Part):
    """When a report is taken for the same matter as an open one, and from how many followers on it is urgent."""

    likeness: float = Field(default=0.4, gt=0, le=1)
    urgent_from: int = Field(default=5, ge=1)


class BroadcastSettings(Part):
    """Warnings to everybody: above how many people a second admin agrees, and as what a call for help is filed.

    Without `help_category` it is the first kind that knows emergencies, see `Settings.help_kind`.
    """

    second_admin_above: int = Field(default=500, ge=0)
    help_category: str = ""


class Settings(Part):
    """The whole file."""

    desk: DeskSettings = DeskSettings()
    database: DatabaseSettings = DatabaseSettings()
    data: str = "data"
    web: WebSettings = WebSettings()
    channels: ChannelSettings = ChannelSettings()
    places: tuple[PlaceSettings, ...] = Field(min_length=1)
    people: tuple[PersonSettings, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(min_length=1)
    fallback: str = "other"
    times: Times = Times()
    wish: WishSettings = WishSettings()
    me_too: MeTooSettings = MeTooSettings()
    broadcast: BroadcastSettings = BroadcastSettings()
    privacy: PrivacySettings = PrivacySettings()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with `update`, without the tables that were worked out from what it replaces."""
        copy = super().model_copy(update=update, deep=deep)
        for worked_out in copy.__dict__.keys() - type(self).model_fields.keys():
            del copy.__dict__[worked_out]
        return copy

    @cached_property
    def _by_key(self) -> dict[str, Category]:
        return {category.key: category for category in self.categories}

    @cached_property
    def issues(self) -> tuple[Category, ...]:
        """The kinds of matters that are reported."""
        return tuple(category for category in self.categories if not category.wish)

    @cached_property
    def wishes(self) -> tuple[Category, ...]:
        """The kinds of micro-wishes, the last of them for what fits nowhere."""
        return tuple(category for category in self.categories if category.wish)

    def has_category(self, key: str) -> bool:
        """Tell whether there is such a category."""
        return key in self._by_key

    def category(self, key: str) -> Category:
        """Return the category, or the fallback where the file no longer has it."""
        return self._by_key.get(key) or self._by_key[self.fallback]

    @cached_property
    def help_kind(self) -> Category:
        """The kind of matter that a call for help under a warning is filed as."""
        urgent = (category for category in self.issues if category.emergency is not None)
        return self.category(self.broadcast.help_category or next(urgent, self.category(self.fallback)).key)

    def walk_places(self) -> Iterator[tuple[PlaceSettings, str | None]]:
        """Yield every place with its parent's key, parents first."""
        for root in self.places:
            yield from root.walk()
