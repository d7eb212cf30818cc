"""Reading jointplan.toml, and writing one that explains itself."""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from jointplan.errors import DataError, DataIssue, UsageError
from jointplan.schema.measures import OTHER_MEASURES
from jointplan.study.settings import Settings
from jointplan.texts import bracketed, labelled, language, near, sentences, tr

Key = tuple[str, ...]
_UNVALUED = {measure.name: measure for measure in OTHER_MEASURES}


def read_settings(file: Path, changes: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings file, where there is one, and change some settings for this run.

    Parameters
    ----------
    file : Path
        ``jointplan.toml``; missing means every setting has its default.
    changes : mapping or None
        Dotted names of settings and their values: ``{"horizon.weeks": 8}``.

    Raises
    ------
    DataError
        If the file is wrong: one issue per setting, with the line it stands on.
    UsageError
        If a change is wrong.
    """
    text = _text(file) if file.exists() else ""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        row = int(line[1]) if line else len(text.splitlines())  # it says "at end of document"
        raise _file_error(
            [_issue("", row, "", "settings_syntax", *_syntax_words(text, row, error), file=file)], file
        ) from error
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise _file_error(
            [
                _issue(".".join(key), _line(text, key), value, rule, message, cure, file=file)
                for key, value, rule, message, cure in _problems(error)
            ],
            file,
        ) from error
    return with_changes(values, changes) if changes else settings


def with_changes(values: Mapping[str, Any], changes: Mapping[str, Any] | None = None) -> Settings:
    """Return settings from their plain values, some of them changed.

    Raises
    ------
    UsageError
        If a change is wrong.
    """
    changed: dict[str, Any] = deepcopy(dict(values))
    for name, value in (changes or {}).items():
        *path, last = name.split(".")
        section = changed
        for part in path:
            section = section.setdefault(part, {})
        section[last] = value
    try:
        return Settings.model_validate(changed)
    except ValidationError as error:
        _, _, _, message, cure = next(iter(_problems(error)))
        raise UsageError(message, cure) from error


def settings_template(settings: Settings | None = None) -> str:
    """Return a settings file that holds every setting, explained; it reads back as the same settings."""
    heading = tr("Settings of Jointplan. Every line may be left out: it then has the value shown here.")
    return "\n".join([*_comment(heading), "", *_section(settings or Settings(), ())]) + "\n"


def documented(model: type[BaseModel] = Settings, key: Key = ()) -> Iterator[tuple[Key, FieldInfo]]:
    """Yield every setting with its dotted name, sections included."""
    for name, field in model.model_fields.items():
        yield (*key, name), field
        if _is_section(field):
            yield from documented(field.annotation, (*key, name))  # type: ignore[arg-type]  # a section is a model


def allowed(field: FieldInfo) -> str:
    """Return the values a setting may take, in words."""
    kind, choices = _kind(field), _choices(field)
    if get_origin(kind) is tuple:
        return tr("a list of: {values}", values=choices) if choices else tr("a list")
    if choices:
        return tr("one of: {values}", values=choices)
    if kind in (int, float):
        word = tr("a whole number") if kind is int else tr("a number")
        bounds = tuple(_bounds(field))
        return tr("{kind}, {bounds}", kind=word, bounds=bounds) if bounds else word
    if kind is bool:
        return tr("true or false")
    if kind is date:
        return tr("a date such as 2026-01-05")
    if kind is str:
        return tr("a text in quotes")
    return tr("a section of settings") if _is_section(field) else tr("a value")


def _kind(field: FieldInfo) -> Any:
    """Return the type of a setting that is set."""
    kind = field.annotation
    return next(k for k in get_args(kind) if k is not type(None)) if type(None) in get_args(kind) else kind


def _choices(field: FieldInfo) -> tuple[Any, ...]:
    """Return the only values that a setting, or each of its list, may take; nothing where it is free."""
    kind = _kind(field)
    inner = get_args(kind)[0] if get_origin(kind) is tuple else kind
    return get_args(inner) if get_origin(inner) is Literal else ()


def _bounds(field: FieldInfo) -> Iterator[str]:
    words = {
        "ge": tr("at least {bound}"),
        "gt": tr("above {bound}"),
        "le": tr("at most {bound}"),
        "lt": tr("below {bound}"),
    }
    for rule in field.metadata:
        for name, word in words.items():
            if hasattr(rule, name):
                yield word.format(bound=getattr(rule, name))


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _file_error(
            [
                _issue(
                    "",
                    None,
                    "",
                    "settings_encoding",
                    tr("The file is not written in UTF-8."),
                    tr("Save it as UTF-8."),
                    file=file,
                )
            ],
            file,
        ) from error


def _file_error(issues: Sequence[DataIssue], file: Path) -> DataError:
    if len(issues) == 1:
        (issue,) = issues
        place = file.name if issue.row is None else tr("{file}, line {row}", file=file.name, row=issue.row)
        issue = replace(issue, message=labelled(place, issue.message))
        return DataError(issue.message, issue.cure, (issue,))
    return DataError(
        tr("{file} has {n} wrong settings.", file=file.name, n=len(issues)), tr("Correct them and run again."), issues
    )


def _issue(column: str, row: int | None, value: object, rule: str, message: str, cure: str, *, file: Path) -> DataIssue:
    return DataIssue("", file.name, row, column, str(value)[:80], rule, message, cure)


def _syntax_words(text: str, row: int | None, error: tomllib.TOMLDecodeError) -> tuple[str, str]:
    lines = text.splitlines()
    line = lines[row - 1].strip() if row and row <= len(lines) else ""
    message = tr("This cannot be read: {line}.", line=line or error)
    return message, tr('Write name = value; texts stand in quotes ("yes"), and every name only once.')


def _problems(error: ValidationError) -> Iterator[tuple[Key, Any, str, str, str]]:
    """Yield key, value, rule, message and cure of every wrong setting."""
    known = dict(documented())
    for problem in error.errors():
        key = tuple(part for part in problem["loc"] if isinstance(part, str))
        name, value = ".".join(key), problem["input"]
        if problem["type"] == "extra_forbidden":
            yield (
                key,
                _short(value),
                "unknown_setting",
                tr("There is no setting {name}.", name=name),
                _suggestion(key, known),
            )
            continue
        if key == ("measures",) and isinstance(value, str) and value in _UNVALUED:
            why = _UNVALUED[value].unvalued_zh if language() == "zh" else _UNVALUED[value].unvalued
            message = tr("No plan values the measure {name}.", name=value)
            yield key, _short(value), "setting_value", message, sentences((why, tr("Leave it out.")))
            continue
        message = tr("The setting {name} cannot be {value}.", name=name, value=_short(value))
        reason = problem.get("ctx", {}).get("error")
        values = allowed(known[key]) if key in known else ""
        cure = tr("It must be {allowed}.", allowed=values)
        if problem["type"] == "value_error" and reason:
            cure = tr("Rule: {reason}.", reason=str(reason).rstrip("."))
        elif isinstance(value, str) and key in known and (close := near(value, map(str, _choices(known[key])))):
            cure = tr("Did you mean {close}? It must be {allowed}.", close=close[0], allowed=values)
        yield key, _short(value), "setting_value", message, cure


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:37] + "..."


def _suggestion(key: Key, known: Mapping[Key, FieldInfo]) -> str:
    siblings = {k[-1]: k for k in known if k[:-1] == key[:-1]}
    anywhere = {k[-1]: k for k in reversed(list(known))}  # of several, the first
    for names in (siblings, anywhere):
        if close := get_close_matches(key[-1], names, n=1, cutoff=0.7):
            return tr("Did you mean {close}?", close=".".join(names[close[0]]))
    return tr("Settings there are: {names}.", names=tuple(siblings or (".".join(k) for k in known if len(k) == 1)))


def _line(text: str, key: Key) -> int | None:
    """Return the line on which a setting stands, as an editor counts."""
    for depth in range(len(key), 0, -1):
        section: Key = ()
        for number, line in enumerate(text.splitlines(), 1):
            if header := re.match(r"\s*\[([^\[\]]+)\]", line):
                section = tuple(part.strip(" \"'") for part in header[1].split("."))
                if section == key[:depth]:
                    return number
            elif assigned := re.match(r"\s*([\w.\"'-]+)\s*=", line):
                name = tuple(part.strip(" \"'") for part in assigned[1].split("."))
                if (*section, *name) == key[:depth]:
                    return number
    return None


def _section(values: BaseModel, key: Key) -> Iterator[str]:
    fields = type(values).model_fields
    for name, field in fields.items():
        if _is_section(field):
            continue
        yield from _comment(bracketed(tr(field.description or ""), allowed(field)))
        value = getattr(values, name)
        yield f"# {name} =" if value is None else f"{name} = {_toml(value)}"
        yield ""
    for name, field in fields.items():
        if _is_section(field):
            yield from _comment(tr(field.description or ""))
            yield f"[{'.'.join((*key, name))}]"
            yield ""
            yield from _section(getattr(values, name), (*key, name))


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, 100)]


def _toml(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case Mapping():
            return "{" + ", ".join(f"{json.dumps(str(k))} = {_toml(v)}" for k, v in value.items()) + "}"
        case _:
            return str(value)
