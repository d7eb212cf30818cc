"""What people read, in English and Chinese.

Messages are written in English where they are used, through :func:`tr`; their Chinese stands in
``texts/zh/<room>.po``. Everything with a number or a name in it uses named places: ``tr("{n} rows", n=3)``. A place with two
words between its braces is the word for one or for any other number: ``tr("{n} {n:row|rows}", n=1)``. A tuple of names is
listed as the language does: ``a, b`` and ``a、b``.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

LANGUAGES = ("en", "zh")
BETWEEN = {"en": ", ", "zh": "、"}
"""What stands between the names of a list."""

_language: ContextVar[str] = ContextVar("language", default="en")


def language() -> str:
    """Return the language in force, ``en`` or ``zh``."""
    return _language.get()


def set_language(name: str) -> None:
    """Put a language in force for this thread or task."""
    if name not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}, not {name!r}")
    _language.set(name)


@cache
def catalogue(name: str) -> dict[str, str]:
    """Return the messages of a language, English to translation, from all its ``.po`` files."""
    from babel.messages.pofile import read_po  # only a second language needs it

    messages: dict[str, str] = {}
    folder = files("jointplan.texts") / name
    for entry in sorted(folder.iterdir(), key=lambda path: path.name) if folder.is_dir() else ():
        if entry.name.endswith(".po"):
            with entry.open("rb") as file:
                messages.update((str(m.id), str(m.string)) for m in read_po(file) if m.id and m.string)
    return messages


class _Counting(Formatter):
    """Fills in ``{n:row|rows}`` with the word that goes with the number."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        return str(super().format_field(value, format_spec)) if not bar else one if value == 1 else many


def _filled(text: str, values: dict[str, Any], name: str) -> str:
    if not values:
        return text
    said = {
        key: BETWEEN[name].join(map(str, value)) if isinstance(value, tuple) else value for key, value in values.items()
    }
    return _Counting().vformat(text, (), said)


def some(names: Iterable[str], most: int = 5) -> tuple[str, ...]:
    """Return the first of some names, and a mark where there are more.

    >>> some("abc", 2)
    ('a', 'b', '…')
    """
    named = tuple(names)
    return named if len(named) <= most else (*named[:most], "…")


def tr(message: str, /, **values: Any) -> str:
    """Return a message in the language in force, its named places filled in."""
    text = message if language() == "en" else catalogue(language()).get(message, message)
    return _filled(text, values, language())


def both(message: str, /, **values: Any) -> tuple[str, str]:
    """Return a message in English and in Chinese, for tables that carry the two side by side."""
    english, chinese = message, catalogue("zh").get(message, message)
    return _filled(english, values, "en"), _filled(chinese, values, "zh")
