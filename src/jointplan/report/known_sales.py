"""What forecasts leave out: what has not sold yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jointplan.texts import sentences, some, tr

MOST = 0.9
"""Share of past sales by series that had sold before below which forecasts are no figure of the whole."""


def known_sales_told(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return how much of later sales series known on past Mondays made, and what follows where it is less than nearly all."""
    if not rows:
        return ""
    shares = [row["share"] for row in rows]
    low, high = f"{min(shares):.0%}", f"{max(shares):.0%}"
    said = [
        tr(
            "What had sold before made {share} of the units sold in the {weeks} {weeks:week|weeks} after past Mondays ({n}).",
            share=low if low == high else f"{low}–{high}",
            weeks=rows[0]["weeks"],
            n=len(rows),
        )
    ]
    if min(shares) < MOST:
        said.append(
            tr(
                "The rest came from products new in their market or with their seller: the cluster as a whole may well sell more than is forecast, and plans expect no more than that."
            )
        )
    return sentences(said)


def only_lately_told(names: Sequence[str]) -> str:
    """Return which products sold in the incomplete last week alone, which no forecast knows yet; blank where there are none."""
    if not names:
        return ""
    return tr(
        "Sold in the incomplete last week alone, whose sales are left out until its Sunday is there: {names}.",
        names=some(names),
    )
