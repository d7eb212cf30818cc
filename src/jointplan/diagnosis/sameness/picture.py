"""Where products are drawn so that like ones lie near each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jointplan.diagnosis.sameness.likeness import Likeness

Floats = npt.NDArray[np.float64]

_LEAST = 5  # products of which a map is drawn


def like_map(pairs: Likeness, revenue: Floats, *, most: int, seed: int) -> tuple[Floats, Floats]:
    """Lay out the products of most revenue that have one like them, by t-SNE (van der Maaten and Hinton 2008, *JMLR* 9).

    Returns
    -------
    x, y : arrays
        Places within about ±1; NaN for products that are not on the map.
    """
    x, y = np.full(pairs.count, np.nan), np.full(pairs.count, np.nan)
    alike = np.unique(np.concatenate([pairs.left, pairs.right]))
    chosen = np.sort(alike[np.argsort(-revenue[alike], kind="stable")[:most]])
    if len(chosen) < _LEAST:
        return x, y
    from sklearn.manifold import TSNE  # slow to load

    place = np.full(pairs.count, -1)
    place[chosen] = np.arange(len(chosen))
    left, right = place[pairs.left], place[pairs.right]
    on = (left >= 0) & (right >= 0)
    apart = np.ones((len(chosen), len(chosen)))
    np.fill_diagonal(apart, 0.0)
    apart[left[on], right[on]] = apart[right[on], left[on]] = 1.0 - pairs.score[on]
    layout = TSNE(
        metric="precomputed",
        init="random",
        perplexity=min(15.0, (len(chosen) - 1) / 3),
        method="exact",
        max_iter=300,
        random_state=seed,
    ).fit_transform(apart)
    layout = (layout - layout.mean(axis=0)) / max(float(np.abs(layout - layout.mean(axis=0)).max()), 1e-9)
    x[chosen], y[chosen] = layout.T
    return x, y
