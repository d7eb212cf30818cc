"""How names and shares are written for people."""

from __future__ import annotations

from collections.abc import Mapping

from jointplan.texts import bracketed


def named(names: Mapping[str, str], code: str) -> str:
    """Return a name with its code behind it, or the code alone.

    >>> named({"P1": "Kettle", "P2": "P2"}, "P1"), named({"P1": "Kettle", "P2": "P2"}, "P2"), named({}, "P3")
    ('Kettle (P1)', 'P2', 'P3')
    """
    name = names.get(code, code)
    return code if name == code else bracketed(name, code)


def early_lines(early: tuple[str, ...], sku: str | None = None) -> list[str]:
    """Say which products, or whether one, sold in the incomplete last week alone."""
    from jointplan.report.known_sales import only_lately_told  # the report loads pandas

    told = only_lately_told(early if sku is None else tuple(one for one in early if one == sku))
    return [told] if told else []


def signed(share: float | None) -> str:
    """Return a share in whole percents with its sign; none has no sign, and one that is not known is a dash.

    >>> signed(0.124), signed(-0.004), signed(None)
    ('+12%', '0%', '–')
    """
    return "–" if share is None else f"{round(100 * share):+d}%" if round(100 * share) else "0%"
