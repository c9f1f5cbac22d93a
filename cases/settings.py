"""What `config.yaml` says, as typed values. Reading the file and naming mistakes is `bot.config`'s business."""

from collections.abc import Iterator
from datetime import date, time
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from cases.duration import Duration, parse

PLACE_KINDS = ("street", "community", "estate", "grid", "building", "unit")
PlaceKind = Literal["street", "community", "estate", "grid", "building", "unit"]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
"""Short names in links and buttons: lower case letters, digits, - and _."""


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


def _clock_time(value: Any) -> Any:  # noqa: ANN401 - whatever YAML made of it
    """Read "9:00"; YAML 1.1 turns an unquoted 9:00 into 540 minutes, which is what was meant."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
    if isinstance(value, str) and value.count(":") == 1:
        hours, minutes = value.split(":")
        if hours.strip().isdecimal() and minutes.strip().isdecimal():
            if int(hours) > 23 or int(minutes) > 59:
                raise ValueError(f"{value!r} is no time of day; write it like 9:00 or 17:30")
            return time(int(hours), int(minutes))
    raise ValueError(f"{value!r} is no time of day; write it like 9:00 or 17:30")


ClockTime = Annotated[time, BeforeValidator(_clock_time)]
Window = tuple[ClockTime, ClockTime]


class Part(BaseModel):
    """A section of the file: unknown keys are mistakes, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DeskSettings(Part):
    """Who we are."""

    name: str = "红管家"
    timezone: str = "Asia/Shanghai"
    language: Literal["zh", "en"] = "zh"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f'no time zone {value!r}; write one like "Asia/Shanghai"') from None
        return value


class DatabaseSettings(Part):
    """Where the cases are kept: `sqlite:///path` or `postgresql+psycopg://…`."""

    url: str = "sqlite:///data/redsteward.db"

    @field_validator("url")
    @classmethod
    def _known_kind(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("write sqlite:///data/redsteward.db or postgresql+psycopg://user@host/name")
        return value


class WebSettings(Part):
    """The HTTP server: web chat, webhooks, health."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    origins: tuple[str, ...] = ()


class TelegramSettings(Part):
    """The Telegram bot. Secrets come from the environment: `${NAME}`."""

    enabled: bool = False
    mode: Literal["polling", "webhook"] = "polling"
    token: str = ""
    base_url: str = "https://api.telegram.org/bot"
    base_file_url: str = "https://api.telegram.org/file/bot"
    webhook_url: str = ""
    webhook_secret: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,256}$")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.enabled:
            return self
        if not self.token:
            raise ValueError("token is missing; write token: ${TELEGRAM_TOKEN} and set TELEGRAM_TOKEN")
        if self.mode == "webhook" and not (self.webhook_url and self.webhook_secret):
            raise ValueError("webhook mode needs webhook_url and webhook_secret: ${TELEGRAM_WEBHOOK_SECRET}")
        return self


class WebChatSettings(Part):
    """The web chat for residents without an app."""

    enabled: bool = True


class ChannelSettings(Part):
    """The chat platforms."""

    telegram: TelegramSettings = TelegramSettings()
    web: WebChatSettings = WebChatSettings()


class Buildings(Part):
    """Shorthand for an estate's buildings 1号楼 … N号楼 with their units."""

    first: int = Field(default=1, ge=0, alias="from")
    last: int = Field(ge=1, alias="to")
    units: int = Field(default=0, ge=0, le=50)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first or self.last - self.first > 2000:
            raise ValueError("`to` must not be less than `from`, and 2000 buildings are the limit")
        return self


class PlaceSettings(Part):
    """A node of the tree of places."""

    key: Key
    name: str = Field(min_length=1, max_length=80)
    kind: PlaceKind
    number: int | None = None
    aliases: tuple[str, ...] = ()
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    buildings: Buildings | None = None
    children: tuple["PlaceSettings", ...] = ()

    def walk(self, parent: str | None = None) -> Iterator[tuple["PlaceSettings", str | None]]:
        """Yield this place and all below it with the key of its parent, the shorthand spelled out."""
        yield self, parent
        for child in (*self.children, *self._built()):
            yield from child.walk(self.key)

    def _built(self) -> Iterator["PlaceSettings"]:
        if self.buildings is None:
            return
        written = {child.number for child in self.children if child.kind == "building"}
        for number in range(self.buildings.first, self.buildings.last + 1):
            if number not in written:
                key = f"{self.key}-{number}"
                units = tuple(
                    PlaceSettings(key=f"{key}-{unit}", name=f"{unit}单元", kind="unit", number=unit)
                    for unit in range(1, self.buildings.units + 1)
                )
                yield PlaceSettings(key=key, name=f"{number}号楼", kind="building", number=number, children=units)


class RoleSettings(Part):
    """What somebody does, where."""

    role: Literal["steward", "coordinator", "admin"]
    at: str
    partner: Partner | None = None
    title: str = Field(default="", max_length=80)
    promise: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _steward_has_partner_type(self) -> Self:
        if self.role == "steward" and self.partner is None:
            raise ValueError(f"a steward needs `partner`: one of {', '.join(Partner)}")
        return self


class PersonSettings(Part):
    """Somebody with a role."""

    key: Key
    name: str = Field(min_length=1, max_length=80)
    phone: str | None = None
    telegram: int | None = Field(default=None, gt=0)
    language: Literal["zh", "en"] | None = None
    home: str | None = None
    roles: tuple[RoleSettings, ...] = ()


class Hotline(Part):
    """Whom to phone in an emergency."""

    who: str
    who_en: str
    number: str = Field(pattern=r"^[0-9+\- ]{3,20}$")


class Emergency(Part):
    """When a matter of this kind is an emergency, and whom to phone."""

    words: tuple[str, ...] = ()
    always: bool = False
    call: tuple[Hotline, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_sign(self) -> Self:
        if not self.words and not self.always:
            raise ValueError("write the `words` that make it an emergency, or `always: true`")
        return self


class Category(Part):
    """A kind of matter: what suggests it, who is responsible, by when."""

    key: Key
    name: str = Field(min_length=1, max_length=20)
    name_en: str = Field(min_length=1, max_length=40)
    words: tuple[str, ...] = ()
    partners: tuple[Partner, ...] = ()
    accept: Duration = parse("2h")
    resolve: Duration = parse("3 working days")
    photo: bool = False
    private: bool = False
    reopen_days: int = Field(default=7, ge=0, le=365)
    emergency: Emergency | None = None


class Times(Part):
    """Working hours, decent hours, and how long things wait."""

    working_hours: Window = (time(8, 30), time(17, 30))
    lunch: Window | None = (time(12), time(14))
    extra_workdays: tuple[date, ...] = ()
    extra_holidays: tuple[date, ...] = ()
    rating_hours: Window = (time(9), time(20, 30))
    ask_rating_after: Duration = parse("2h")
    ask_again_after: Duration = parse("1d")
    close_after: Duration = parse("3d")
    wait_for_resident: Duration = parse("5d")
    urge_every: Duration = parse("1h")

    @model_validator(mode="after")
    def _within_the_day(self) -> Self:
        for name, window in (("working_hours", self.working_hours), ("rating_hours", self.rating_hours)):
            if window[0] >= window[1]:
                raise ValueError(f"{name}: the end {window[1]:%H:%M} must be later than the start {window[0]:%H:%M}")
        if self.lunch and not self.working_hours[0] <= self.lunch[0] < self.lunch[1] <= self.working_hours[1]:
            raise ValueError("lunch must lie within working_hours, its end later than its start")
        return self

    def sessions(self) -> tuple[tuple[time, time], ...]:
        """Return the working day as one or two sessions."""
        opens, closes = self.working_hours
        if self.lunch is None:
            return ((opens, closes),)
        halves = ((opens, self.lunch[0]), (self.lunch[1], closes))
        return tuple(half for half in halves if half[0] < half[1])


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

    @cached_property
    def _by_key(self) -> dict[str, Category]:
        return {category.key: category for category in self.categories}

    def has_category(self, key: str) -> bool:
        """Tell whether there is such a category."""
        return key in self._by_key

    def category(self, key: str) -> Category:
        """Return the category, or the fallback where the file no longer has it."""
        return self._by_key.get(key) or self._by_key[self.fallback]

    def walk_places(self) -> Iterator[tuple[PlaceSettings, str | None]]:
        """Yield every place with its parent's key, parents first."""
        for root in self.places:
            yield from root.walk()
