"""How things are named for people: by their name, with the code behind it."""

from __future__ import annotations

from collections.abc import Mapping


def named(names: Mapping[str, str], code: str) -> str:
    """Return a name with its code behind it, or the code alone.

    >>> named({"P1": "Kettle", "P2": "P2"}, "P1"), named({"P1": "Kettle", "P2": "P2"}, "P2"), named({}, "P3")
    ('Kettle (P1)', 'P2', 'P3')
    """
    name = names.get(code, code)
    return code if name == code else f"{name} ({code})"
