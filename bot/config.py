"""Reads `config.yaml`: typed settings, or every mistake with its line and what to write."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from bot.mistakes import cross_check
from bot.problems import Problem
from cases.settings import Settings

SECRET_KEYS = {"token", "webhook_secret"}
_REFERENCE = re.compile(r"^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$")


class ConfigError(Exception):
    """The file cannot be used; `problems` says why, all in one go."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        super().__init__(f"{path}: {len(problems)} mistake(s)")
        self.path = path
        self.problems = sorted(problems, key=lambda problem: problem.line)

    def report(self) -> str:
        """Return one line a mistake: file, line, key, what is wrong and what to write."""
        return "\n".join(f"{self.path}:{p.line}: {p.key + ': ' if p.key else ''}{p.text}" for p in self.problems)


@dataclass(frozen=True, slots=True)
class Lines:
    """Where each key stands in the file."""

    by_path: Mapping[tuple[str | int, ...], int]

    def of(self, path: tuple[str | int, ...]) -> int:
        """Return the line of a key, or of the nearest one above it that the file has."""
        while path and path not in self.by_path:
            path = path[:-1]
        return self.by_path.get(path, 1)


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read the file. Raises ConfigError with all mistakes; FileNotFoundError stays what it is."""
    text = path.read_text(encoding="utf-8")
    problems: list[Problem] = []
    lines, data = _parse(path, text, problems)
    data = _fill_secrets(data, (), lines, environ, problems)
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        problems += [_problem(found, lines) for found in error.errors()]
        raise ConfigError(path, problems) from None
    problems += cross_check(settings, lines.of)
    if problems:
        raise ConfigError(path, problems)
    return settings


def _parse(path: Path, text: str, problems: list[Problem]) -> tuple[Lines, Any]:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        by_path = dict(_lines(node, (), problems)) if node else {}
        return Lines(by_path), yaml.safe_load(text) or {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        wrong = f"this is not YAML: {error.problem}; look at the indentation, colons and quotes here"
        raise ConfigError(path, [Problem(mark.line + 1 if mark else 1, "", wrong)]) from None


def _lines(node: yaml.Node, path: tuple[str | int, ...], problems: list[Problem]) -> Iterator[tuple[Any, int]]:
    """Yield the line of each key; note keys that stand twice."""
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                problems.append(Problem(line, _spell((*path, key.value)), "stands here twice; keep one of them"))
            seen.add(key.value)
            yield from _lines(value, (*path, key.value), problems)
            yield (*path, key.value), line
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield from _lines(value, (*path, place), problems)


def _fill_secrets(
    value: Any, path: tuple[str | int, ...], lines: Lines, environ: Mapping[str, str], problems: list[Problem]
) -> Any:  # fmt: skip
    """Return the data with `${NAME}` replaced from the environment; a secret written out is a mistake."""
    if isinstance(value, dict):
        return {key: _fill_secrets(item, (*path, key), lines, environ, problems) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill_secrets(item, (*path, place), lines, environ, problems) for place, item in enumerate(value)]
    reference = _REFERENCE.match(value) if isinstance(value, str) else None
    if reference:
        try:
            return secret(reference.group(1), environ)
        except LookupError as error:
            problems.append(Problem(lines.of(path), _spell(path), str(error)))
            return ""
    if path and path[-1] in SECRET_KEYS and value:
        name = "_".join(str(part) for part in path[-2:]).upper()
        wrong = f"a secret must not stand in the file; write ${{{name}}} and set {name} in the environment"
        problems.append(Problem(lines.of(path), _spell(path), wrong))
    return value


def secret(name: str, environ: Mapping[str, str]) -> str:
    """Return the secret from NAME or from the file that NAME_FILE names. Raises LookupError where it is not clear."""
    direct, file = environ.get(name), environ.get(f"{name}_FILE")
    if direct and file:
        raise LookupError(f"both {name} and {name}_FILE are set; unset one of them")
    if direct:
        return direct
    if not file:
        raise LookupError(f"{name} is not set; set it, or {name}_FILE to a file that holds it")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise LookupError(f"{name}_FILE names a file that cannot be read ({error.strerror})") from None


def _problem(error: Any, lines: Lines) -> Problem:
    path = tuple(error["loc"])
    text = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        text = "is not a key here" + _nearest(path)
    elif error["type"] == "missing":
        text = "is missing; add it"
    else:
        text = text[0].lower() + text[1:]
    return Problem(lines.of(path), _spell(path), text)


def _nearest(path: tuple[str | int, ...]) -> str:
    names = _field_names(path[:-1])
    close = difflib.get_close_matches(str(path[-1]), names, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; keys here: {', '.join(names)}"


def _field_names(path: tuple[str | int, ...]) -> list[str]:
    """Return the keys that may stand in the section at `path`."""
    model: type[BaseModel] = Settings
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_within(model.model_fields[part].annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_within(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_within(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in inner if model), None)


def _spell(path: tuple[str | int, ...]) -> str:
    spelled = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return spelled.removeprefix(".")
