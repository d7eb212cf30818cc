r"""How far firms live in the same niches.

With :math:`p_k` and :math:`q_k` the shares of two firms' revenue in niche :math:`k` (a family in a market), Pianka's overlap is
:math:`\sum pq / \sqrt{\sum p^2 \sum q^2}` and Schoener's :math:`1 - \frac12 \sum |p-q|`: 0 without a niche in common, 1 with the same shares.

References
----------
Pianka (1973), *Annual Review of Ecology and Systematics* 4; Schoener (1968), *Ecology* 49; Lawlor (1980), *American Naturalist* 116 (the null:
each firm's shares dealt to niches at random).

Firms also meet where demand is, without copying each other. Beside the null stands what overlap would be if a firm's shares, the largest first, went to
niches drawn by their size, that is by what all firms earn there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def pianka(shares: Floats) -> Floats:
    """Return Pianka's overlap of each pair of rows.

    Parameters
    ----------
    shares : array, firms × niches
        ≥ 0, not all 0 in a row.

    Examples
    --------
    >>> float(pianka(np.array([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]]))[0, 1].round(4))
    0.7632
    """
    length = np.sqrt((shares**2).sum(axis=1))
    return np.asarray(shares @ shares.T / np.outer(length, length))


def schoener(shares: Floats) -> Floats:
    """Return Schoener's overlap of each pair of rows, whose sums are 1.

    Examples
    --------
    >>> float(schoener(np.array([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]]))[0, 1].round(4))
    0.7
    """
    overlap = np.empty((len(shares), len(shares)))
    for row, values in enumerate(shares):
        overlap[row] = 1.0 - 0.5 * np.abs(shares - values).sum(axis=1)
    return overlap


@dataclass(frozen=True)
class Overlap:
    """Niche overlap among firms.

    Parameters
    ----------
    mean : float
        Mean of Pianka's overlap over pairs.
    null : float
        Mean of the same with shares dealt at random.
    sized : float
        The same with the largest shares dealt to niches drawn by their size.
    low, high : float
        95 % of the draws lie between.
    p_value : float
        Chance of so high a mean among the draws.
    """

    mean: float
    null: float
    sized: float
    low: float
    high: float
    p_value: float


def overlap_against_chance(shares: Floats, size: Floats, *, draws: int, seed: int) -> Overlap:
    """Hold the mean overlap of at least two firms in at least two niches against shares dealt to niches at random.

    Parameters
    ----------
    shares : array, firms × niches
        Shares of each firm's revenue.
    size : array of niches
        What all firms earn in each, > 0.
    draws, seed : int
        Of the two ways of dealing.
    """
    upper = np.triu_indices(len(shares), 1)
    mean = float(pianka(shares)[upper].mean())
    rng = np.random.default_rng(seed)
    drawn = np.array([pianka(rng.permuted(shares, axis=1))[upper].mean() for _ in range(draws)])
    low, high = np.quantile(drawn, (0.025, 0.975))
    p_value = (1 + int((drawn >= mean - 1e-12).sum())) / (draws + 1)
    ordered = -np.sort(-shares, axis=1)
    sized = np.array([pianka(_dealt(ordered, size, rng))[upper].mean() for _ in range(draws)])
    return Overlap(mean, float(drawn.mean()), float(sized.mean()), float(low), float(high), p_value)


def _dealt(ordered: Floats, size: Floats, rng: np.random.Generator) -> Floats:
    """Deal each firm's shares, the largest first, to niches drawn by their size without putting back (Gumbel's order)."""
    places = np.argsort(-(np.log(size) + rng.gumbel(size=ordered.shape)), axis=1)
    dealt = np.empty_like(ordered)
    np.put_along_axis(dealt, places, ordered, axis=1)
    return dealt
