"""The reference page of the settings, made from the models that read them.

``python -m jointplan.study.reference docs/settings.md`` writes it anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from jointplan.study.settings import Settings
from jointplan.study.settings_file import allowed

_INTRODUCTION = """# Settings

<!-- Made from the settings models by `python -m jointplan.study.reference docs/settings.md`; change it there. -->

Everything in `jointplan.toml` is optional; what is left out has the default below. A setting that does not exist is an
error. `jointplan init` writes a file with every setting and its meaning.
"""


def settings_page(model: type[BaseModel] = Settings) -> str:
    """Return the page in Markdown: a section for each section of the settings file, in its order.

    Raises
    ------
    ValueError
        If a setting has no description: the page leaves none unexplained.
    """
    return "\n".join([_INTRODUCTION, *_section(model, "")])


def _section(model: type[BaseModel], path: str) -> Iterator[str]:
    rows = []
    inner = {}
    for name, field in model.model_fields.items():
        place = f"{path}.{name}" if path else name
        if not field.description:
            raise ValueError(f"the setting {place} has no description")
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            inner[place] = field.annotation, field.description
        else:
            rows.append(f"| `{name}` | {_default(field)} | {allowed(field)} | {_line(field.description)} |")
    if rows:
        yield "\n".join(["| Setting | Default | It must be | Meaning |", "|---|---|---|---|", *rows, ""])
    for place, (section, description) in inner.items():
        yield f"## [{place}]\n\n{_line(description)}\n"
        yield from _section(section, place)


def _default(field: FieldInfo) -> str:
    # What JSON and TOML write differently, dates and tables, no setting has as its default.
    return "unset" if field.default is None else f"`{json.dumps(field.default, ensure_ascii=False)}`"


def _line(description: str) -> str:
    return " ".join(description.split())


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(settings_page(), "utf-8", newline="\n")
