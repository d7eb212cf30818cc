"""How young an assortment is, and how new its newcomers are."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jointplan.diagnosis.sameness.likeness import Likeness

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def young_share(revenue: Floats, launched: Ints, *, first: int, last: int, young: int) -> tuple[float, float]:
    """Return the share of revenue that comes from young products, and their mean age.

    Parameters
    ----------
    revenue : array, products × weeks
        Revenue.
    launched : array of int
        Week each product was launched in, counted as the columns; below 0: before the first.
    first, last : int
        Weeks looked at, ``last`` included.
    young : int
        A product is young in the weeks less than this after its launch.

    Returns
    -------
    share, age : float
        Share between 0 and 1, and revenue-weighted age in weeks; NaN without revenue.

    Examples
    --------
    >>> young_share(np.array([[5.0, 5.0], [0.0, 10.0]]), np.array([-30, 1]), first=0, last=1, young=26)
    (0.5, 15.5)
    """
    weeks = np.arange(first, last + 1)
    part = revenue[:, first : last + 1]
    total = part.sum()
    if not total > 0:
        return float("nan"), float("nan")
    age = weeks[None, :] - launched[:, None]
    return float(part[age < young].sum() / total), float((part * np.maximum(age, 0)).sum() / total)


def novelty(pairs: Likeness, launched: Ints) -> Floats:
    """Return how unlike each product is to all that were there before it: 1 less the likeness of the nearest; 1 where none was near."""
    nearest = np.zeros(pairs.count)
    for newer, older in ((pairs.left, pairs.right), (pairs.right, pairs.left)):
        before = launched[older] < launched[newer]
        np.maximum.at(nearest, newer[before], pairs.score[before])
    return 1.0 - nearest
