"""What all tables share."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Integer
from sqlalchemy.orm import DeclarativeBase

from storage.types import Json, UtcDateTime

Id = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """All tables share this metadata."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime(), dict[str, Any]: Json, list[Any]: Json}
