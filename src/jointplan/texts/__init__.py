"""What people read, in English and Chinese.

Messages are written in English where they are used, through :func:`tr`; their Chinese stands in
``texts/zh/<room>.po``. Everything with a number or a name in it uses named places: ``tr("{n} rows", n=3)``. A place with two
words between its braces is the word for one or for any other number, given as a number or as written: ``tr("{n} {n:row|rows}", n=1)``. A tuple of names is
listed as the language does: ``a, b`` and ``a、b``. Where Chinese is filled into Chinese, the blanks around its place go; where
Latin letters or a number are, blanks come.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from difflib import get_close_matches
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


# What was filled in stands between these two until the blanks beside it are looked at; Unicode keeps them for private use.
_BEGIN, _END = "\ue000", "\ue001"
_HAN = "[\u3001-\u303f\u4e00-\u9fff\uff01-\uff5e]"  # Chinese characters and marks
# Where Chinese is filled in, or a date, no blank parts it from the Chinese around it; beside Latin letters and numbers it stays.
_GAP = re.compile(
    rf"({_HAN}){_END} (?={_BEGIN}?(?:{_HAN}|\d+年))|({_HAN}) (?={_BEGIN}(?:{_HAN}|\d+年))",
)
_JOINT = re.compile(
    rf"(?<=[\u4e00-\u9fff])(?={_BEGIN}+(?!\d+年)[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?={_END}+[\u4e00-\u9fff])"
)


class _Counting(Formatter):
    """Fills in ``{n:row|rows}`` with the word that goes with the number."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        return str(super().format_field(value, format_spec)) if not bar else one if value in (1, "1") else many


class _Marking(_Counting):
    """Marks what is filled in."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return f"{_BEGIN}{super().format_field(value, format_spec)}{_END}"


def _filled(text: str, values: dict[str, Any], name: str) -> str:
    if not values:
        return text
    said = {
        key: BETWEEN[name].join(map(str, value)) if isinstance(value, tuple) else value for key, value in values.items()
    }
    if name != "zh":
        return _Counting().vformat(text, (), said)
    return _spaced(_Marking().vformat(text, (), said))


def _spaced(marked: str) -> str:
    """Return a Chinese text with blanks around Latin that was filled in and none around Chinese, and without its marks."""
    return _JOINT.sub(" ", _GAP.sub(lambda found: found[1] or found[2], marked)).replace(_BEGIN, "").replace(_END, "")


def listed(names: Iterable[object]) -> str:
    """Return names as the language in force lists them; what a message names is listed alike where it is given as a tuple."""
    return BETWEEN[language()].join(map(str, names))


def some(names: Iterable[str], most: int = 5) -> tuple[str, ...]:
    """Return the first of some names, and a mark where there are more.

    >>> some("abc", 2)
    ('a', 'b', '…')
    """
    named = tuple(names)
    return named if len(named) <= most else (*named[:most], "…")


def near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return up to three of the known names that may have been meant, the nearest first, whatever their case; then those that begin so.

    >>> near("de", ["DE", "FR"]), near("KETLE", ["KETTLE", "RICE"]), near("Mill", ["Miller and Sons (synthetic)"])
    (('DE',), ('KETTLE',), ('Miller and Sons (synthetic)',))
    """
    spelled = {other.casefold(): other for other in known}
    close = get_close_matches(name.casefold(), spelled)
    longer = [word for word in spelled if name and word.startswith(name.casefold())]
    return tuple(spelled[word] for word in dict.fromkeys((*close, *longer)))[:3]


def sentences(said: Iterable[str]) -> str:
    """Return sentences in the language in force one after the other, empty ones left out: in Chinese no blank parts them."""
    return ("" if language() == "zh" else " ").join(sentence for sentence in said if sentence)


def bracketed(text: str, more: object) -> str:
    """Return a text with more in brackets behind it, those of the language in force."""
    return f"{text}（{more}）" if language() == "zh" else f"{text} ({more})"


def labelled(name: object, value: object) -> str:
    """Return a value behind its name and the colon of the language in force."""
    return f"{name}：{value}" if language() == "zh" else f"{name}: {value}"


def argument(value: object) -> str:
    """Return a value as it is written in a command to copy: quoted where a shell would read it otherwise.

    >>> argument("AIR-DE"), argument("海运"), argument("my data/2026")
    ('AIR-DE', '海运', "'my data/2026'")
    """
    text, windows = str(value), os.name == "nt"
    if re.fullmatch(r"[\w@+=:./\\-]+" if windows else r"[\w@%+=:,./-]+", text):
        return text
    return f'"{text}"' if windows else shlex.quote(text)


def tr(message: str, /, **values: Any) -> str:
    """Return a message in the language in force, its named places filled in."""
    text = message if language() == "en" else catalogue(language()).get(message, message)
    return _filled(text, values, language())


def fill(text: str, /, **values: Any) -> str:
    """Return a text that is in the language in force already, its named places filled in."""
    return _filled(text, values, language())


def renamed(text: str, code: str, name: Callable[[str], str]) -> str:
    """Return a text in the language in force with names for codes, which are those that match a pattern.

    >>> renamed("sold in FR", "[A-Z]{2}", {"FR": "France"}.get)
    'sold in France'
    """
    begin, end = (_BEGIN, _END) if language() == "zh" else ("", "")
    return _spaced(re.sub(code, lambda found: f"{begin}{name(found[0])}{end}", text, flags=re.ASCII))


def both(message: str, /, **values: Any) -> tuple[str, str]:
    """Return a message in English and in Chinese, for tables that carry the two side by side."""
    english, chinese = message, catalogue("zh").get(message, message)
    return _filled(english, values, "en"), _filled(chinese, values, "zh")
