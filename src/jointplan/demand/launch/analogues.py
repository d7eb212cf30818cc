r"""How like two products are, by what is known before either is sold.

Titles are compared by the cosine of their character n-grams (three to five letters, TF-IDF), prices and weights by the ratio, families and
makers by being the same. An analogue weighs

.. math:: w = \exp(8 \cos(\text{titles}) + [\text{family}] + \tfrac12 [\text{maker}] - 2\,|\ln \text{price ratio}| - \tfrac12\,|\ln \text{weight ratio}|)

What is not known of either is left out of the sum. The factors were chosen on Online Retail's launches up to November 2010.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jointplan.demand.launch.history import Products

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

TITLE, FAMILY, MAKER, PRICE, WEIGHT = 8.0, 1.0, 0.5, 2.0, 0.5
FARTHEST = 3.0
"""Ratio, as a logarithm, beyond which prices or weights count no farther apart."""


@dataclass(frozen=True)
class Titles:
    """Titles as weights of their n-grams.

    Parameters
    ----------
    grams : sparse matrix or None
        Titles × n-grams, rows of length one; None where no title has three letters.
    """

    grams: Any

    @classmethod
    def of(cls, titles: Sequence[str]) -> Titles:
        """Weigh the n-grams of titles."""
        if not any(len(title.strip()) >= 3 for title in titles):
            return cls(None)
        from sklearn.feature_extraction.text import TfidfVectorizer

        grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, dtype=np.float64)
        return cls(grams.fit_transform([title.lower() for title in titles]).tocsr())

    def cosine(self, left: Index, right: Index) -> Array:
        """Return the cosine of the n-grams of every two titles: left × right; 0 where one is blank."""
        if self.grams is None:
            return np.zeros((len(left), len(right)))
        cosine: Array = (self.grams[left] @ self.grams[right].T).toarray()
        return cosine


def likeness(products: Products, titles: Titles, new: Index, old: Index) -> Array:
    """Return the logarithm of the weight of each old product as an analogue of each new one: new × old.

    A product is no analogue of itself: there it is minus infinity.

    Parameters
    ----------
    products : Products
        All products.
    titles : Titles
        Of the same products, in their order.
    new, old : arrays of int
        Rows of products.
    """
    near = TITLE * titles.cosine(new, old)
    for factor, names in ((FAMILY, products.family), (MAKER, products.maker)):
        near += factor * ((names[new][:, None] == names[old]) & (names[new] != "")[:, None])
    for factor, sizes in ((PRICE, products.price), (WEIGHT, products.weight)):
        size = np.log(np.where(sizes > 0, sizes, np.nan))
        apart = np.minimum(np.abs(size[new][:, None] - size[old]), FARTHEST)
        near -= factor * np.nan_to_num(apart, nan=0.0)
    near[new[:, None] == old] = -np.inf
    return near
