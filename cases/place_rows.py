"""Places between the database and the tree: rows to nodes, and what `config.yaml` says to columns."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.hours import Window
from cases.place_settings import PlaceSettings
from cases.places import PlaceNode, PlaceTree
from storage.models import Place


def read_tree(session: Session) -> PlaceTree:
    """Return all places as they are in this transaction."""
    session.flush()
    return PlaceTree(node_of(place) for place in session.scalars(select(Place).order_by(Place.id)))


def node_of(place: Place) -> PlaceNode:
    """Return a row as a node of the tree."""
    lunch = _window(place.lunch) if place.lunch else (() if place.lunch is not None else None)
    return PlaceNode(
        place.id, place.key, place.parent_id, place.kind, place.name, place.number, tuple(place.aliases or ()),
        place.latitude, place.longitude, _window(place.working_hours), lunch, place.closed_at is not None,
    )  # fmt: skip


def columns_of(told: PlaceSettings) -> dict[str, Any]:
    """Return what `config.yaml` says of a place as plain values of its columns; its parent is the caller's."""
    lunch = told.lunch if told.lunch is not None else (() if "lunch" in told.model_fields_set else None)
    return {
        "kind": told.kind, "name": told.name, "number": told.number, "aliases": list(told.aliases),
        "latitude": told.latitude, "longitude": told.longitude, "working_hours": plain(told.working_hours),
        "lunch": plain(lunch),
    }  # fmt: skip


def plain(window: Window | tuple[()] | None) -> list[str] | None:
    """Return hours as a column keeps them: ["08:30", "17:30"]; [] for a lunch that is not kept."""
    return None if window is None else [f"{edge:%H:%M}" for edge in window]


def _window(kept: Sequence[Any] | None) -> Window | None:
    return (time.fromisoformat(kept[0]), time.fromisoformat(kept[1])) if kept else None
