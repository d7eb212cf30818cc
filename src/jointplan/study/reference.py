"""The reference page of the settings, made from the models that read them."""

from __future__ import annotations

import json
from inspect import cleandoc
from typing import Any

from pydantic import BaseModel

_TYPES = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}
_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def settings_reference(model: type[BaseModel]) -> str:
    """Return the reference page of a settings model as Markdown: a section for each model in it, in its order.

    Parameters
    ----------
    model : type of BaseModel
        The model of ``jointplan.toml``. Its fields need a docstring each (``use_attribute_docstrings``).

    Raises
    ------
    ValueError
        If a setting has no description: the page must leave none unexplained.
    """
    schema = model.model_json_schema()
    parts = [
        "# Settings",
        "<!-- Made from the settings models; a test tells how to renew it. -->",
        "Everything in `jointplan.toml` is optional; what is left out has the default below. An unknown setting is an error.",
        *_section(schema, schema.get("$defs", {}), path=""),
    ]
    return "\n\n".join(parts) + "\n"


def _section(schema: dict[str, Any], models: dict[str, Any], path: str) -> list[str]:
    own, inner = [], []
    for name, field in schema.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        nested = _model_of(field, models)
        if nested is not None:
            about = field.get("description") or nested.get("description", "")
            inner += [f"## [{place}]", cleandoc(about), *_section(nested, models, place)]
            continue
        if not field.get("description"):
            raise ValueError(f"setting {place} has no description")
        own.append(
            f"| `{name}` | {_type(field, models)} | {_default(field)} | {' '.join(field['description'].split())} |"
        )
    if own:
        own = ["\n".join(["| setting | value | default | meaning |", "|---|---|---|---|", *own])]
    return [*own, *inner]


def _model_of(field: dict[str, Any], models: dict[str, Any]) -> dict[str, Any] | None:
    """Return the model a field holds, or None if it holds a plain value."""
    target: dict[str, Any] = models.get(str(field.get("$ref", "")).removeprefix("#/$defs/"), {})
    return target if target.get("type") == "object" else None


def _type(field: dict[str, Any], models: dict[str, Any]) -> str:
    """Say in words what a setting may be."""
    if "$ref" in field:
        field = models[str(field["$ref"]).removeprefix("#/$defs/")]
    if "anyOf" in field:
        return " or ".join(_type(option, models) for option in field["anyOf"] if option.get("type") != "null")
    if "enum" in field or "const" in field:
        return " · ".join(f"`{choice}`" for choice in field.get("enum", [field.get("const")]))
    if field.get("type") == "array":
        inner = field.get("items") or {"anyOf": field.get("prefixItems", [])}
        return f"list of: {_type(inner, models)}"
    if field.get("type") == "object":
        return f"table of: {_type(field.get('additionalProperties', {}), models)}"
    words = "date" if field.get("format") == "date" else _TYPES.get(str(field.get("type")), "text")
    bounds = ", ".join(f"{sign} {field[key]:g}" for key, sign in _BOUNDS.items() if key in field)
    return f"{words} {bounds}".strip()


def _default(field: dict[str, Any]) -> str:
    if "default" not in field:
        return "none"
    default = field["default"]
    return "none" if default is None else f"`{json.dumps(default, ensure_ascii=False)}`"
