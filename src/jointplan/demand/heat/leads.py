r"""Whether a family's sales at home tell those abroad beforehand, or the other way round.

The follower's weekly sales :math:`y_t = \ln(\text{units}+\kappa)` are forecast one week ahead, twice, from weeks that were over by then: by their
own past (last two weeks, smoothed level) and the market as a whole (all other families, both sides, last week), and by these and the
leader's sales :math:`x_{t-\ell}`. The lag :math:`\ell` from one to eight weeks is the one whose partial correlation is strongest in the weeks known at each origin.

.. math:: \text{gain} = 1 - \frac{\sum_t (y_t-\hat y_t^{\text{with}})^2}{\sum_t (y_t-\hat y_t^{\text{without}})^2}

over the second half of the weeks. Chance gives gains too: the same is done with the leader's sales shifted in time round the clock, by
more than the longest lag, or turned round, which keeps their ups and downs and breaks what they tell. A lead counts if its gain is above nought and its
p-value survives the false discovery rate of 10 % over all families and both directions.

References
----------
Granger (1969), *Econometrica* 37; Ashley, Granger and Schmalensee (1980), *Econometrica* 48 (judged out of sample); Benjamini and Hochberg (1995),
*JRSS B* 57.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MAX_LAG = 8
LEAST_WEEKS = 40
"""Weeks in which both sides must have been on sale: half of them for learning."""

LEAST_SOLD = 0.5
"""Share of these weeks in which each side must have sold."""

FALSE_DISCOVERIES = 0.1


@dataclass(frozen=True)
class Lead:
    """How far one side's sales tell the other's.

    Parameters
    ----------
    lag : int
        Weeks by which the leader is ahead.
    correlation : float
        Partial correlation at that lag, over all weeks.
    gain : float
        Share of the squared error saved out of sample; below 0: it misleads.
    p_value : float
        Chance of such a gain from shifted sales; 1 where there is none.
    weeks : int
        Weeks in which both were on sale.
    """

    lag: int
    correlation: float
    gain: float
    p_value: float
    weeks: int


def find_lead(leader: Array, follower: Array, others: Array, draws: int, rng: np.random.Generator) -> Lead | None:
    """Find how far a leader's weekly units tell a follower's.

    Parameters
    ----------
    leader, follower, others : array of weeks
        Units; ``others`` are those of the market as a whole without the two.
    draws : int
        Shifted and turned copies to take at most; all there are where they are fewer.
    rng : Generator
        Picks them.

    Returns
    -------
    Lead or None
        None where one side sold too little for an answer.
    """
    if not ((leader > 0).any() and (follower > 0).any()):
        return None
    begin = max(int((leader > 0).argmax()), int((follower > 0).argmax()))
    weeks = len(leader) - begin
    if weeks < LEAST_WEEKS:
        return None
    x, y, z = (_logarithm(part[begin:]) for part in (leader, follower, others))
    if min((part[begin:] > 0).mean() for part in (leader, follower)) < LEAST_SOLD or not x.std() or not y.std():
        return None
    chance = [np.roll(x, shift) for shift in range(MAX_LAG + 1, weeks - MAX_LAG)]
    chance += [np.roll(x[::-1], shift) for shift in range(weeks)]
    if len(chance) > draws:
        chance = [chance[place] for place in np.sort(rng.choice(len(chance), draws, replace=False))]
    copies = np.stack([x, *chance], axis=1)
    correlation, lag = _partial(copies[:, :1], y, z)
    gain = float(_gains(copies[:, :1], y, z)[0])
    if gain <= 0:
        return Lead(lag, correlation, gain, 1.0, weeks)
    p_value = (1.0 + float((_gains(copies[:, 1:], y, z) >= gain).sum())) / (1.0 + len(chance))
    return Lead(lag, correlation, gain, p_value, weeks)


def discoveries(p_values: Array, rate: float = FALSE_DISCOVERIES) -> npt.NDArray[np.bool_]:
    """Tell which p-values survive a false discovery rate (Benjamini–Hochberg).

    Examples
    --------
    >>> discoveries(np.array([0.01, 0.04, 0.03, 0.5]), 0.1).tolist()
    [True, True, True, False]
    """
    count = len(p_values)
    ranked = np.sort(p_values)
    passed = np.flatnonzero(ranked <= rate * np.arange(1, count + 1) / max(count, 1))
    kept: npt.NDArray[np.bool_] = p_values <= (ranked[passed[-1]] if len(passed) else -1.0)
    return kept


def _logarithm(units: Array) -> Array:
    some = units[units > 0]
    logarithm: Array = np.log(units + (np.median(some) if len(some) else 1.0) / 4.0)
    centred: Array = logarithm - logarithm.mean()
    return centred


def _gains(copies: Array, y: Array, z: Array) -> Array:
    # Gain of each copy of the leader, forecasting each week of the second half from the weeks before it. Regressions are kept as
    # sums of products, to which a week adds its own.
    controls, lagged, target = _rows(copies, y, z)
    count, kinds = len(target), copies.shape[1]
    leads = lagged.reshape(count, kinds * MAX_LAG)
    begin = count // 2
    known = controls[:begin]
    own = known.T @ known + 1e-9 * np.eye(controls.shape[1])
    own_target, own_leads = known.T @ target[:begin], known.T @ leads[:begin]
    size, product = (leads[:begin] ** 2).sum(axis=0), target[:begin] @ leads[:begin]
    without, with_leader = 0.0, np.zeros(kinds)
    for row in range(begin, count):
        inverse = np.linalg.inv(own)
        slopes = inverse @ own_leads
        free = np.maximum(size - (own_leads * slopes).sum(axis=0), 1e-9)
        shared = product - own_target @ slopes
        taken = np.arange(kinds) * MAX_LAG + (shared**2 / free).reshape(kinds, MAX_LAG).argmax(axis=1)
        surprise = leads[row, taken] - controls[row] @ slopes[:, taken]
        error = target[row] - controls[row] @ inverse @ own_target
        without += error**2
        with_leader += (error - shared[taken] / free[taken] * surprise) ** 2
        own += np.outer(controls[row], controls[row])
        own_target += controls[row] * target[row]
        own_leads += np.outer(controls[row], leads[row])
        size += leads[row] ** 2
        product += target[row] * leads[row]
    gains: Array = 1.0 - with_leader / max(without, 1e-12)
    return gains


def _partial(copy: Array, y: Array, z: Array) -> tuple[float, int]:
    # Strongest partial correlation over all weeks, and its lag.
    controls, lagged, target = _rows(copy, y, z)
    basis, _ = np.linalg.qr(controls)
    rest = target - basis @ (basis.T @ target)
    free = lagged[:, 0] - basis @ (basis.T @ lagged[:, 0])
    correlation = free.T @ rest / np.maximum(np.sqrt((free**2).sum(axis=0) * (rest @ rest)), 1e-12)
    lag = int(np.abs(correlation).argmax())
    return float(correlation[lag]), lag + 1


def _rows(copies: Array, y: Array, z: Array) -> tuple[Array, Array, Array]:
    # For each week from the longest lag on: what is known of the follower and the market, and the leader by lag.
    weeks = len(y)
    level = np.zeros(weeks)
    level[0] = y[0]
    for week in range(1, weeks):
        level[week] = 0.85 * level[week - 1] + 0.15 * y[week]
    rows = np.arange(MAX_LAG, weeks)
    controls = np.column_stack([np.ones(len(rows)), y[rows - 1], y[rows - 2], level[rows - 1], z[rows - 1]])
    lagged = np.stack([copies[rows - lag] for lag in range(1, MAX_LAG + 1)], axis=2)
    return controls, lagged, y[rows]
