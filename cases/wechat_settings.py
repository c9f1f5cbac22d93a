"""The WeChat Official Account in `config.yaml`: `channels.wechat`."""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from cases.setting_values import AES_KEY, address, secret

API = "https://api.weixin.qq.com"
SOURCES = ("title", "text", "choices", "number", "time", "desk")
TIMES = ("time", "date")  # kinds of fields that WeChat refuses with anything else in them (47003)
NOT_OURS = ("amount", "phone_number", "car_number")
_FIELD = re.compile(r"[a-z_]{1,32}[0-9]{0,3}")
_STRICT = ConfigDict(extra="forbid", frozen=True)


class TemplateSettings(BaseModel):
    """A template of the account: its id, and what each of its fields says."""

    model_config = _STRICT

    id: str = ""
    fields: dict[str, str] = Field(default_factory=dict, validate_default=True)

    @field_validator("fields")
    @classmethod
    def _known(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if info.data.get("id") and not value:
            raise ValueError("are missing; write each field of the template, like {thing1: title, time2: time}")
        for field, source in value.items():
            if not _FIELD.fullmatch(field):
                raise ValueError(f'"{field}" is no field of a template; copy it from the template, like thing1')
            if source not in SOURCES:
                raise ValueError(f'"{source}" is nothing a field can say; write one of {", ".join(SOURCES)}')
            kind = field.rstrip("0123456789")
            if kind in TIMES and source != "time":
                raise ValueError(f"{field} takes nothing but a time; write {field}: time")
            if kind in NOT_OURS:
                raise ValueError(f"nothing here goes into {field}; choose a template without it")
        return value


class WeChatSettings(BaseModel):
    """The Official Account (服务号). Secrets come from the environment: `${NAME}`."""

    model_config = _STRICT

    enabled: bool = False
    app_id: str = Field(default="", validate_default=True)
    secret: str = Field(default="", repr=False, validate_default=True)
    token: str = Field(default="", repr=False, validate_default=True)
    mode: Literal["plain", "compatible", "encrypted"] = "encrypted"
    aes_key: str = Field(default="", repr=False, validate_default=True)
    api_base: str = API
    template: TemplateSettings = TemplateSettings()
    rating: TemplateSettings = TemplateSettings()

    @field_validator("app_id")
    @classmethod
    def _has_app_id(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("enabled") and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value):
            raise ValueError("is none; copy AppID from 设置与开发 › 基本配置, like wx0123456789abcdef")
        return value

    @field_validator("secret", "token")
    @classmethod
    def _has_secret(cls, value: str, info: ValidationInfo) -> str:
        return secret(value, info.field_name, "WECHAT", needed=bool(info.data.get("enabled")))

    @field_validator("aes_key")
    @classmethod
    def _has_key(cls, value: str, info: ValidationInfo) -> str:
        needed = info.data.get("enabled") and info.data.get("mode") != "plain"
        if (needed or value) and not AES_KEY.fullmatch(value):
            raise ValueError(
                "is none; write aes_key: ${WECHAT_AES_KEY} and set it to the 43 characters of EncodingAESKey"
            )
        return value

    @field_validator("api_base")
    @classmethod
    def _address(cls, value: str) -> str:
        return address(value, API)
