"""What both have in common: questions, choices, the table of SQLite."""

import sqlite3
from pathlib import Path

PLACES = {str(number): f"{number}号楼" for number in range(1, 19)}
KINDS = {
    "lights": "路灯与楼道灯", "water": "漏水", "drains": "下水道", "rubbish": "垃圾", "noise": "噪音",
    "doors": "门禁", "trees": "绿化", "roads": "道路", "parking": "停车", "other": "其他",
}  # fmt: skip
WHAT, WHERE, WHICH, CHECK, FILED = "请说说是什么事？", "在哪里？", "是哪一类？", "请核对后提交", "已受理 #{number}"
SCHEMA = """CREATE TABLE IF NOT EXISTS report (
    id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL, words TEXT NOT NULL, place TEXT NOT NULL,
    kind TEXT NOT NULL, created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)"""
INSERT = "INSERT INTO report (user_id, words, place, kind) VALUES (?, ?, ?, ?)"


class Reports:
    """Where reports go: a table of SQLite, or nowhere but a counter."""

    def __init__(self, path: Path | None) -> None:
        self._count = 0
        self._connection: sqlite3.Connection | None = None
        if path is not None:
            self._connection = sqlite3.connect(path)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute(SCHEMA)

    def file(self, user: int, words: str, place: str, kind: str) -> int:
        """Keep a report; return its number."""
        if self._connection is None:
            self._count += 1
            return self._count
        with self._connection:
            return self._connection.execute(INSERT, (user, words, place, kind)).lastrowid or 0


def summary(words: str, place: str, kind: str) -> str:
    """Return what is checked before it is filed."""
    return f"{CHECK}\n事情：{words}\n类别：{KINDS[kind]}\n地点：{PLACES[place]}"
