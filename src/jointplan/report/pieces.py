"""Whole pieces for lists that people work by: plans count in parts of units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd

_NOISE = 3  # decimals of a running total that count: the rest is the solver's


def whole_pieces(rows: Any, goods: Sequence[str], parts: Sequence[str]) -> Any:
    """Return the whole pieces of each row, by rounding running totals.

    Week by week the running total of the same goods is rounded (half a piece up); what comes in a week is the difference. So
    whatever adds up in the plan adds up in pieces: what is made of a product at a firm, what leaves it and what is left. A
    week's pieces go to whose own running total lacks most (largest remainders), level by level.

    Parameters
    ----------
    rows : DataFrame
        With ``week``, ``quantity`` and the columns named.
    goods : sequence of str
        Columns of what is counted together: a firm and a product.
    parts : sequence of str
        Columns by which it is divided in turn: the seller, then the lane.

    Returns
    -------
    Series of int
        By the index of ``rows``.

    Examples
    --------
    >>> lots = pd.DataFrame({"week": [1, 2, 3], "sku": "Q", "seller": "S", "quantity": [8.7, 8.2, 13.6]})
    >>> whole_pieces(lots, ["sku"], ["seller"]).tolist()
    [9, 8, 14]
    """
    columns = [[*zip(*(rows[name].tolist() for name in names), strict=True)] for names in (goods, parts)]
    cells = zip(columns[0], rows["week"].tolist(), columns[1], rows["quantity"].tolist(), range(len(rows)), strict=True)
    found = [0] * len(rows)
    for _, same in groupby(sorted(cells), key=itemgetter(0)):
        running, given, owed = 0.0, 0, dict[tuple[Any, ...], float]()
        for _, week in groupby(same, key=itemgetter(1)):
            amounts = {(*part, row): amount for _, _, part, amount, row in week}
            running += sum(amounts.values())
            total = math.floor(round(running, _NOISE) + 0.5)
            for key, pieces in _divided(total - given, amounts, (), owed).items():
                found[key[-1]] = pieces
            given = total
    return pd.Series(found, index=rows.index, dtype="int64")


def _divided(
    pieces: int,
    amounts: dict[tuple[Any, ...], float],
    level: tuple[Any, ...],
    owed: dict[tuple[Any, ...], float],
) -> dict[tuple[Any, ...], int]:
    """Divide pieces over the parts of a level and theirs, and keep in ``owed`` what each part has too little so far."""
    depth = len(level)
    below: dict[tuple[Any, ...], dict[tuple[Any, ...], float]] = {}
    for key, amount in amounts.items():
        below.setdefault(key[: depth + 1], {})[key] = amount
    last = below.keys() == amounts.keys()
    due = {part: sum(rows.values()) + (0.0 if last else owed.get(part, 0.0)) for part, rows in below.items()}
    got = _by_remainders(pieces, due)
    if last:
        return got
    found: dict[tuple[Any, ...], int] = {}
    for part, rows in below.items():
        owed[part] = due[part] - got[part]
        found |= _divided(got[part], rows, part, owed)
    return found


def _by_remainders(pieces: int, due: dict[tuple[Any, ...], float]) -> dict[tuple[Any, ...], int]:
    """Divide pieces by the method of largest remainders, nobody below nothing."""
    got = {part: max(math.floor(round(amount, _NOISE)), 0) for part, amount in due.items()}
    while (missing := pieces - sum(got.values())) != 0:
        if missing > 0:
            got[max(due, key=lambda part: due[part] - got[part])] += 1
        else:
            got[min((part for part in due if got[part]), key=lambda part: due[part] - got[part])] -= 1
    return got
