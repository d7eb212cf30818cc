"""What sharing data is worth: how much less forecasts err when they are made from everybody's rows.

The same series, on the same past Mondays, were forecast from their owner's own rows and from everybody's. The gain is the share of the
loss that sharing takes away; its interval is drawn by resampling series, both losses of a series together (Efron and Tibshirani
1993, *An Introduction to the Bootstrap*).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Key = tuple[str, str, str]

DRAWS = 2000
"""Resamples of the interval."""


@dataclass(frozen=True)
class SharingGain:
    """Losses of the same series on both bases, and the share of it that sharing takes away with its 95 % interval."""

    owner: str
    series: int
    own: float
    shared: float
    gain: float
    low: float
    high: float


def sharing_gains(own: Mapping[str, Mapping[Key, float]], shared: Mapping[Key, float], seed: int) -> list[SharingGain]:
    """Compare the losses of series on both bases, all together first (owner blank), then by owner.

    Parameters
    ----------
    own : mapping
        Of each owner, the loss of each of its series from its own rows.
    shared : mapping
        The loss of each series from everybody's rows.
    seed : int
        Of the resampling.
    """
    gains: list[SharingGain] = []
    pairs = {
        owner: np.array([(loss, shared[key]) for key, loss in losses.items() if key in shared]).reshape(-1, 2)
        for owner, losses in sorted(own.items())
    }
    for owner, both in [("", np.concatenate([*pairs.values(), np.zeros((0, 2))])), *pairs.items()]:
        if len(both) and both[:, 0].sum() > 0:
            gains.append(_gain(owner, both, np.random.default_rng([seed, len(gains)])))
    return gains


def _gain(owner: str, both: Array, rng: np.random.Generator) -> SharingGain:
    count = len(both)
    sums = np.stack([both[rng.integers(0, count, count)].sum(axis=0) for _ in range(DRAWS)])
    drawn = 1.0 - sums[:, 1] / np.where(sums[:, 0] > 0, sums[:, 0], 1.0)
    low, high = np.quantile(drawn, (0.025, 0.975))
    mine, theirs = both.mean(axis=0)
    return SharingGain(owner, count, float(mine), float(theirs), float(1.0 - theirs / mine), float(low), float(high))
