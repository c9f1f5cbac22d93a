"""Reads YAML into plain data and remembers the line of every key; mistakes are collected, not raised.

PyYAML's own reading takes the last of two equal keys and knows no lines; that is why the tree of nodes is walked here.
"""

from dataclasses import dataclass, field

import yaml

from bot.problems import KeyPath, Lines, Problem, spell

FAST = getattr(
    yaml, "CSafeLoader", yaml.SafeLoader
)  # over libyaml, where PyYAML was built with it: an eighth of the time
YAML_REMEDY = "look at the indentation, colons and quotes here and in the line above"


@dataclass(frozen=True, slots=True)
class Document:
    """A file as plain data (dict, list, str, int, …), the lines of its keys, and what is wrong with it as YAML."""

    data: object
    lines: Lines
    problems: list[Problem]


def read(text: str) -> Document:
    """Read one document. What cannot be read is None in the data and named among the problems."""
    try:
        document = _Reader(FAST(text)).document()
        if not document.problems:
            return document
    except (yaml.YAMLError, RecursionError):
        pass  # the slower one says better what is wrong
    try:
        return _Reader(yaml.SafeLoader(text)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = Problem(mark.line + 1 if mark else 1, "", f"this is not YAML ({error.problem})", YAML_REMEDY)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = Problem(line, "", "there is a character that no text may hold", "delete it and type the line again")
    except RecursionError:
        problem = Problem(1, "", "the sections lie too deep in one another", "look for a missing ] or }")
    return Document(None, Lines({}), [problem])


@dataclass(slots=True)
class _Reader:
    loader: yaml.SafeLoader
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    around: set[int] = field(default_factory=set)  # nodes that are being read: an alias to one of them never ends

    def document(self) -> Document:
        node = self.loader.get_single_node()
        data = self._value(node, ()) if node is not None else None
        return Document(data, Lines(self.lines), self.problems)

    def _value(self, node: yaml.Node, path: KeyPath) -> object:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self.around:
            self._note(node, path, "this alias stands within itself", "write out what is meant")
            return None
        self.around.add(id(node))
        try:
            return self._read(node, path)
        finally:
            self.around.discard(id(node))

    def _read(self, node: yaml.Node, path: KeyPath) -> object:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, place)) for place, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        self._note_twice(node, path)
        self.loader.flatten_mapping(node)  # brings in what "<<" names, before the node's own keys
        found: dict[str, object] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._note(key, path, "a key must be a word", "write key: value")
                continue
            below = (*path, key.value)
            self.lines[below] = key.start_mark.line + 1
            found[key.value] = self._value(value, below)
        return found

    def _note_twice(self, node: yaml.MappingNode, path: KeyPath) -> None:
        first: dict[str, int] = {}
        for key, _value in node.value:
            line = key.start_mark.line + 1
            name = str(key.value)
            if name in first:
                wrong = f"stands here twice, first in line {first[name]}"
                self.problems.append(Problem(line, spell((*path, name)), wrong, "keep one of them"))
            first.setdefault(name, line)

    def _scalar(self, node: yaml.Node, path: KeyPath) -> object:
        try:
            return self.loader.construct_object(node)
        except yaml.constructor.ConstructorError:
            self._note(node, path, f"the tag {node.tag} is not known", "write the value without it")
        except ValueError:
            self._note(node, path, "looks like a date or number, but is none", "correct it, or put it in quotes")
        return None

    def _note(self, node: yaml.Node, path: KeyPath, wrong: str, remedy: str) -> None:
        self.problems.append(Problem(node.start_mark.line + 1, spell(path), wrong, remedy))
