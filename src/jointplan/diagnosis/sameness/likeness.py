r"""How like products are, how crowded each stands, and which are as good as one.

With :math:`c_{ij}` the cosine of two titles and :math:`z` the differences of the attributes both are known for, in standard deviations,

.. math:: s_{ij} = (1-w_{ij})\,c_{ij} + w_{ij}\,e^{-\frac12\overline{z^2}}, \qquad w_{ij} = w\,k_{ij}/4,

where :math:`k_{ij}` of the four attributes weight, volume, family and customs code are known of both. An attribute that is the same of all products
parts none of them and counts as unknown. Attributes alone do not make two products one, so a product without title is compared with none. Price is no attribute here: it is what is compared once goods are known to be alike. Then
:math:`T_i = \sum_{j \ne i} s_{ij}` over pairs above a threshold, and :math:`K_i = \sum_j v_j e^{-d_{ij}^2/2h^2}` with revenue :math:`v_j` and
:math:`d_{ij}^2 = 2(1-s_{ij})`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.diagnosis.sameness.candidates import like_titles
from jointplan.diagnosis.sameness.titles import weighted_titles

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

OTHER_FAMILY = 2.0
"""Standard deviations that another family, or another heading of the customs code, counts as."""

_MEASURES = ("weight", "volume")
_ATTRIBUTES = 4
_LEAST_KNOWN = 3
_ALIKE = 1e-9  # spread of logarithms of what is the same of all


@dataclass(frozen=True)
class Goods:
    """Products to be compared.

    Parameters
    ----------
    title, family, hs : sequences of str or None
        As the table products has them.
    weight, volume : arrays
        kg and m³ of one unit; NaN where unknown.
    """

    title: Sequence[str | None]
    family: Sequence[str | None]
    hs: Sequence[str | None]
    weight: Floats
    volume: Floats

    def __post_init__(self) -> None:
        if len({len(getattr(self, name)) for name in ("title", "family", "hs", *_MEASURES)}) != 1:
            raise ValueError("every product needs its title, family, customs code, weight and volume, or a blank")

    def __len__(self) -> int:
        return len(self.title)


@dataclass(frozen=True)
class Likeness:
    """Pairs of products alike.

    Parameters
    ----------
    left, right : arrays of int
        Positions of the products, ``left < right``, each pair once.
    score : array
        How alike, between 0 and 1.
    count : int
        Products that were compared.
    """

    left: Ints
    right: Ints
    score: Floats
    count: int

    def only(self, kept: npt.NDArray[np.bool_]) -> Likeness:
        """Return some of the pairs."""
        return Likeness(self.left[kept], self.right[kept], self.score[kept], self.count)

    def total(self) -> Floats:
        """Return T of each product."""
        return np.bincount(
            np.concatenate([self.left, self.right]), np.tile(self.score, 2), minlength=self.count
        ).astype(np.float64)

    def crowding(self, revenue: Floats, bandwidth: float) -> Floats:
        """Return K of each product: the revenue of others near it, in the unit of ``revenue``."""
        near = np.exp(-(1.0 - self.score) / bandwidth**2)
        return np.bincount(
            np.concatenate([self.left, self.right]),
            np.concatenate([revenue[self.right] * near, revenue[self.left] * near]),
            minlength=self.count,
        ).astype(np.float64)

    def rivals(self, firm: Ints) -> Ints:
        """Return with how many products of other firms each is paired."""
        across = firm[self.left] != firm[self.right]
        ends = np.concatenate([self.left[across], self.right[across]])
        return np.bincount(ends, minlength=self.count).astype(np.int64)


def like_goods(goods: Goods, *, least: float, weight: float, neighbours: int, seed: int) -> Likeness:
    """Find products alike.

    Parameters
    ----------
    goods : Goods
        Products.
    least : float
        Least likeness of a pair, above ``weight``.
    weight : float
        Weight of attributes beside titles, below 1.
    neighbours : int
        Pairs looked for from each product.
    seed : int
        The same seed gives the same pairs.
    """
    weighted = weighted_titles(goods.title)
    least_cosine = max((least - weight) / (1.0 - weight), 0.05)
    left, right, cosine = like_titles(weighted, least=least_cosine, neighbours=neighbours, seed=seed)
    kernel, known = attribute_kernel(goods, left, right)
    score = cosine + weight * known * (kernel - cosine)
    score = np.clip(score, 0.0, 1.0)
    order = np.lexsort((right, left))
    return Likeness(left[order], right[order], score[order], len(goods)).only(score[order] >= least)


def attribute_kernel(goods: Goods, left: Ints, right: Ints) -> tuple[Floats, Floats]:
    """Return how alike pairs are by attributes, and which share of the four attributes is known of both and not the same of all."""
    total = np.zeros(len(left))
    known = np.zeros(len(left))
    for name in _MEASURES:
        values = getattr(goods, name)
        logs = np.log(np.where(values > 0, values, np.nan))
        spread = float(np.nanstd(logs)) if np.isfinite(logs).sum() >= _LEAST_KNOWN else 0.0
        if spread < _ALIKE:
            continue
        gap = (logs[left] - logs[right]) / spread
        told = ~np.isnan(gap)
        total[told] += gap[told] ** 2
        known += told
    for name, digits in (("family", None), ("hs", 4)):
        codes = np.array([(text or "")[:digits] for text in getattr(goods, name)], dtype=np.str_)
        names, code = np.unique(codes, return_inverse=True)
        if (names != "").sum() < 2:
            continue
        told = (codes[left] != "") & (codes[right] != "")
        total += np.where(told & (code[left] != code[right]), OTHER_FAMILY**2, 0.0)
        known += told
    return np.exp(-0.5 * total / np.maximum(known, 1.0)), known / _ATTRIBUTES


def groups_of(pairs: Likeness) -> Ints:
    """Part products into groups of near-identical goods.

    The product with the largest T leads a group of all its pairs that are not in one yet, then the next; so each member is
    paired with its leader, and no group is a chain whose ends are unlike.

    Parameters
    ----------
    pairs : Likeness
        Pairs that are as good as one.

    Returns
    -------
    array of int
        Group of each product from 0, the largest first; −1 where it has none.
    """
    ends = np.concatenate([pairs.left, pairs.right])
    others = np.concatenate([pairs.right, pairs.left])
    others = others[np.argsort(ends, kind="stable")]
    starts = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=pairs.count))])
    group = np.full(pairs.count, -1, np.int64)
    made = 0
    for leader in np.argsort(-pairs.total(), kind="stable"):
        if group[leader] >= 0:
            continue
        around = others[starts[leader] : starts[leader + 1]]
        free = around[group[around] < 0]
        if len(free):
            group[free] = group[leader] = made
            made += 1
    sizes = np.bincount(group[group >= 0], minlength=made)
    place = np.empty(made + 1, np.int64)
    place[np.argsort(-sizes, kind="stable")] = np.arange(made)
    place[-1] = -1
    return np.asarray(place[group])
