"""Reads `config.yaml`: typed settings, or every mistake with its line and what to write instead."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from bot.mistakes import cross_check
from bot.outline import outline
from bot.problems import Problem
from bot.secret_values import Secrets
from bot.wrong_values import wrong_values
from bot.yamlfile import read
from cases.settings import Settings

__all__ = ["ConfigError", "Problem", "load"]


class ConfigError(Exception):
    """The file cannot be used; `problems` says why, all in one go, in the order of the lines."""

    def __init__(self, path: Path, problems: Iterable[Problem]) -> None:
        self.path = path
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__(f"{path}: {len(self.problems)} mistake(s)")

    def report(self) -> str:
        """Return one line a mistake: file, line, key, what is wrong and what to write."""
        return "\n".join(f"{self.path}:{problem}" for problem in self.problems)


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read the file. Raises ConfigError with all mistakes, a missing or unreadable file among them."""
    document = read(_text(path))
    if not isinstance(document.data, dict):
        empty = Problem(1, "", "there are no settings in this file", "begin with a copy of the example")
        raise ConfigError(path, document.problems or [empty])
    secrets = Secrets(environ, document.lines)
    data = secrets.fill(document.data)
    problems = [*document.problems, *secrets.problems]
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        known = {problem.key for problem in problems}
        problems += [problem for problem in wrong_values(error, document.lines) if problem.key not in known]
    problems += cross_check(outline(data), document.lines)
    if problems or settings is None:
        raise ConfigError(path, [_hidden(problem, secrets) for problem in problems])
    return settings


def _hidden(problem: Problem, secrets: Secrets) -> Problem:
    return replace(problem, wrong=secrets.hide(problem.wrong), remedy=secrets.hide(problem.remedy))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes().count(b"\n", 0, error.start) + 1
        raise ConfigError(path, [Problem(line, "", "this is not UTF-8 text", "save the file as UTF-8")]) from None
    except OSError as error:
        wrong = f"the file cannot be read ({error.strerror})"
        raise ConfigError(path, [Problem(1, "", wrong, "name a file that there is")]) from None
