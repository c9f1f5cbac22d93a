"""Secrets of the configuration: `${NAME}` in the file, the value in the environment or in a file named there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.problems import KeyPath, Lines, Problem

SECRET_KEYS = frozenset({"token", "webhook_secret", "secret", "aes_key", "webhook_key"})
OFF_UNLESS_ENABLED = {("channels", "telegram"), ("channels", "wecom"), ("channels", "wechat")}
SHORTEST_TO_HIDE = 4  # characters; what is shorter stands in many words by chance

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(slots=True)
class Secrets:
    """Fills references in and collects mistakes; what came from outside is never to be printed, see `hide`."""

    environ: Mapping[str, str]
    lines: Lines
    problems: list[Problem] = field(default_factory=list)
    _values: set[str] = field(default_factory=set)

    def fill(self, value: object, path: KeyPath = (), *, asked: bool = True) -> object:
        """Return the data with references replaced. In a section that is not enabled they are not asked for."""
        if isinstance(value, dict):
            asked = asked and value.get("enabled", path not in OFF_UNLESS_ENABLED) is not False
            return {key: self.fill(item, (*path, key), asked=asked) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, (*path, place), asked=asked) for place, item in enumerate(value)]
        return self._filled(value, path, asked=asked) if isinstance(value, str) else value

    def hide(self, text: str) -> str:
        """Return the text without any secret."""
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, "***")
        return text

    def _filled(self, text: str, path: KeyPath, *, asked: bool) -> str:
        if not _REFERENCE.search(text):
            self._refuse_literal(text, path)
            return text
        if not asked:
            return ""
        try:
            return _REFERENCE.sub(lambda match: self._value(match.group(1)), text)
        except LookupError as error:
            wrong, _, remedy = str(error.args[0]).partition("; ")
            self.problems.append(self.lines.problem(path, wrong, remedy))
            return ""

    def _value(self, name: str) -> str:
        value = look_up(name, self.environ)
        self._keep(value)
        return value

    def _refuse_literal(self, text: str, path: KeyPath) -> None:
        wrong = ""
        if text and path and path[-1] in SECRET_KEYS:
            wrong = "a secret must not stand in the file"
        elif path and path[-1] == "url" and _has_password(text):
            wrong = "a password must not stand in the file"
        if wrong:
            named = (
                path[-2:] if len(path) < 3 or isinstance(path[-2], str) else path[-3:]
            )  # no name begins with a digit
            name = "_".join(map(str, named)).upper()
            self._keep(text)
            self.problems.append(
                self.lines.problem(path, wrong, f"write ${{{name}}} and set {name} in the environment")
            )

    def _keep(self, value: str) -> None:
        if len(value) >= SHORTEST_TO_HIDE:
            self._values.add(value)


def filled(text: str, environ: Mapping[str, str]) -> str:
    """Return the text with each `${NAME}` replaced. Raises OSError that says which is missing."""
    try:
        return _REFERENCE.sub(lambda match: look_up(match.group(1), environ), text)
    except LookupError as error:
        raise OSError(str(error.args[0])) from None


def look_up(name: str, environ: Mapping[str, str]) -> str:
    """Return the secret from NAME or from the file that NAME_FILE names.

    Raises LookupError ("what is wrong; what to do") when neither or both are set, or the file gives nothing.
    """
    direct, file = environ.get(name), environ.get(f"{name}_FILE")
    if direct and file:
        raise LookupError(f"both {name} and {name}_FILE are set; unset one of them")
    if direct:
        return direct
    if not file:
        raise LookupError(f"{name} is not set; set it, or set {name}_FILE to a file that holds it")
    return _read(name, file)


def _read(name: str, file: str) -> str:
    """Return what the file holds. Its path is not repeated: it may be the secret itself, put in the wrong variable."""
    try:
        value = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        then = "let the desk's user read it" if isinstance(error, PermissionError) else "correct the path"
        raise LookupError(f"{name}_FILE names a file that cannot be read ({why}); {then}") from None
    if not value:
        raise LookupError(f"{name}_FILE names an empty file; write the secret into it")
    return value


def _has_password(url: str) -> bool:
    try:
        return bool(urlsplit(url).password)
    except ValueError:
        return False
