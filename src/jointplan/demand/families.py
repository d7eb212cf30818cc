"""Sparse series, forecast with their family.

They are added up by family and market, or by family where that is still sparse; the total is forecast like any series, and what it
is forecast to sell is shared among the members by what each sold of late. Who is a member is settled anew on every past
Monday: a series that sells well today may have been sparse then.

Shares promise too much where little is known: a product is a member because it sold, so that one week of sales tells more of luck than of
demand (regression to the mean), and the total goes on with products that nobody knows yet. What began lately is on its way up, while what
sold as much over many months is a slow seller. What members known by so many weeks of sales and as old went on to sell on past Mondays, over
what their shares promised, puts that right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from jointplan.demand.history import beyond_belief, cap_spikes, no_longer_sold, recent_rates
from jointplan.demand.judge import Judged, Monday, apart, judge
from jointplan.demand.outlook import Candidate, Outlook
from jointplan.demand.panel import Panel, codes, pairs_of
from jointplan.demand.scoring import error_scales
from jointplan.demand.seasons import group_totals
from jointplan.demand.settings import ForecastSettings
from jointplan.demand.spread import past_spread
from jointplan.demand.trials import Trial

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SHARED_DOWN = Candidate("family", "SharedDown", "pooled")
"""How a sparse series is forecast: as its share of its family."""

MOST_TRIED = 2000
"""Sparse series that the spread and the accuracy of sparse series are learnt from."""

KNOWN_BY = (2, 3, 5)
"""Weeks with sales from which a sparse series counts as better known: what became of shares is learnt apart below and between."""

AGED = (5, 13, 26)
"""Weeks since the first sale from which a sparse series counts as older, the same way."""

BELIEF = 30.0
"""Members on past Mondays that weigh as much as what members known as well show at any age, these as much as all members together, and all as much as
the share as it stands."""

_CELLS = len(KNOWN_BY) + 1, len(AGED) + 1

LOWEST, HIGHEST = 0.1, 4.0
"""What a share is multiplied by at least and at most."""


@dataclass(frozen=True)
class Families:
    """Families of a panel, judged.

    Parameters
    ----------
    group : array of int
        Family of each series of the panel.
    judged : Judged
        The totals of the families' sparse members.
    """

    group: Index
    judged: Judged

    def members(
        self, panel: Panel, monday: Monday, totals: Outlook, rows: Index, settings: ForecastSettings
    ) -> Outlook:
        """Return what some members may expect on a Monday, by the single candidate :data:`SHARED_DOWN`.

        Parameters
        ----------
        panel : Panel
            All series.
        monday : Monday
            With the members as eligible series.
        totals : Outlook
            What could be said of the totals that day.
        rows : array of int
            Members wanted.
        settings : ForecastSettings
            See there.
        """
        known = monday.panel.quantity[:, : monday.cutoff]
        first = np.minimum(monday.panel.first, monday.cutoff)
        history = cap_spikes(known, codes(panel.family)[0], settings.spike_factor)
        rate = recent_rates(history, first, settings.share_half_life) * monday.eligible
        count = len(self.judged.chosen)
        summed = np.bincount(self.group, weights=rate, minlength=count)[self.group]
        share = (rate / np.where(summed > 0, summed, 1.0))[rows]

        level = np.nan_to_num(totals.levels[np.arange(count), self.judged.chosen])
        ways = [self.judged.ways[place] for place in self.judged.chosen]
        season = np.stack([totals.seasons[way.season][row] for row, way in enumerate(ways)])
        supposed = monday.panel.supposed
        ended = no_longer_sold(known[rows], settings, None if supposed is None else supposed[rows, : monday.cutoff])
        absolute, squared = error_scales(history[rows], first[rows])
        return Outlook(
            levels=np.where(ended, 0.0, share * level[self.group[rows]])[:, None],
            seasons={SHARED_DOWN.season: season[self.group[rows]]},
            spreads={
                SHARED_DOWN.season: past_spread(
                    history, first, settings.half_life, ~np.logical_or.reduce(beyond_belief(known, history), axis=1)
                ).pick(rows)
            },
            naive_absolute=absolute,
            naive_squared=squared,
            known=monday.cutoff - first[rows],
            ended=ended,
            grain=monday.panel.grain(monday.cutoff).pick(rows),
        )


def judge_families(
    panel: Panel, mondays: Sequence[Monday], weeks: int, settings: ForecastSettings, rng: np.random.Generator
) -> Families:
    """Pool the sparse series of a panel and choose how to forecast the totals.

    Parameters
    ----------
    panel : Panel
        All series, sparse or not.
    mondays : sequence of Monday
        The past ones and now; eligible are the series that were sparse then.
    weeks, settings, rng
        As in :func:`jointplan.demand.judge.judge`.
    """
    group, labels = pool(panel, mondays[-1].eligible, settings.min_nonzero_weeks)
    pooled = []
    for monday in mondays:
        total = group_totals(monday.panel.quantity * monday.eligible[:, None], group, len(labels))
        sold = (total[:, : monday.cutoff] > 0).sum(axis=1)
        pooled.append(Monday(monday.cutoff, replace(labels, quantity=total), sold >= settings.min_nonzero_weeks))
    return Families(group, judge(pooled, weeks, settings, rng))


def pool(panel: Panel, sparse: Mask, least_weeks: int) -> tuple[Index, Panel]:
    """Group series by family and market, or by family where its sparse ones sold there in too few weeks.

    Returns
    -------
    array, Panel
        Group of each series, and the groups with the total of their sparse members.
    """
    pair, pairs = codes(pairs_of(panel.family, panel.market))
    sold = panel.quantity * sparse[:, None]
    enough = (group_totals(sold, pair, pairs) > 0).sum(axis=1) >= least_weeks
    market = np.where(enough[pair], panel.market, "")
    group, groups = codes(pairs_of(panel.family, market))
    example = np.zeros(groups, dtype=np.int64)
    example[group] = np.arange(len(group))
    nobody = np.full(groups, "", dtype=np.str_)
    totals = group_totals(sold, group, groups)
    return group, Panel(nobody, market[example], nobody, panel.family[example], nobody, totals)


def try_members(
    panel: Panel, mondays: Sequence[Monday], families: Families, settings: ForecastSettings, rng: np.random.Generator
) -> tuple[Index, list[Trial], Array]:
    """Try the forecasts of sparse series, or of a sample of very many, on past Mondays.

    Returns
    -------
    array of int, list of Trial, array
        Rows of the panel that are tried, the trials of them, each put right by what other Mondays with none of its weeks taught, and
        the factors for :func:`put_right` that all of them taught.
    """
    past = list(zip(mondays[:-1], families.judged.trials, strict=True))
    sold = [monday.eligible & (monday.panel.first < monday.cutoff) for monday, _ in past]
    rows = np.flatnonzero(np.logical_or.reduce(sold)) if sold else np.zeros(0, dtype=np.int64)
    if len(rows) > MOST_TRIED:
        rows = np.sort(rng.choice(rows, MOST_TRIED, replace=False))
    outlooks = [families.members(panel, monday, total.outlook, rows, settings) for monday, total in past]
    kept = [
        _Kept.of(monday, outlook, rows, total.actual.shape[1], settings)
        for (monday, total), outlook in zip(past, outlooks, strict=True)
    ]
    trials = []
    others = apart([monday.cutoff for monday, _ in past], [total.actual.shape[1] for _, total in past])
    for (monday, total), outlook, places in zip(past, outlooks, others, strict=True):
        horizon = total.actual.shape[1]
        taught = _factors([kept[place] for place in places])
        known, age = monday.panel.quantity[rows, : monday.cutoff], monday.panel.ages(monday.cutoff)[rows]
        outlook = put_right(outlook, known, age, taught)
        actual = monday.panel.actual(monday.cutoff, horizon, settings.spike_factor)[rows]
        festive = monday.panel.festive(monday.cutoff, horizon)
        these = None if festive is None else festive[rows]
        trials.append(Trial.of(outlook, actual, monday.eligible[rows], settings.min_history_weeks, these))
    return rows, trials, _factors(kept)


def put_right(outlook: Outlook, history: Array, age: Index, factors: Array) -> Outlook:
    """Return an outlook of members whose shares are multiplied by what members known as well and as old taught.

    Parameters
    ----------
    outlook : Outlook
        From :meth:`Families.members`.
    history : array, series × weeks
        What the members sold by then.
    age : array of int
        Weeks since the first sale of each, from :meth:`jointplan.demand.panel.Panel.ages`.
    factors : array
        One for each stretch of :data:`KNOWN_BY` and of :data:`AGED`.
    """
    return replace(outlook, levels=outlook.levels * factors[*_cells(history, age), None])


@dataclass(frozen=True)
class _Kept:
    """Members tried on a Monday, what their shares promised and what they sold, by stretch of :data:`KNOWN_BY` and of :data:`AGED`."""

    members: Array
    promised: Array
    sold: Array

    @classmethod
    def of(cls, monday: Monday, outlook: Outlook, rows: Index, horizon: int, settings: ForecastSettings) -> _Kept:
        """Count the members that had sold by then and had not ended."""
        known = monday.panel.quantity[rows, : monday.cutoff]
        here = np.flatnonzero(monday.eligible[rows] & (known > 0).any(axis=1) & ~outlook.ended)
        promised = outlook.levels[here] * outlook.seasons[SHARED_DOWN.season][here]
        sold = monday.panel.actual(monday.cutoff, horizon, settings.spike_factor)[rows[here]]
        seen = ~np.isnan(sold)
        cells = _cells(known[here], monday.panel.ages(monday.cutoff)[rows[here]])
        return cls(
            _added(cells, np.ones(len(here))),
            _added(cells, np.where(seen, promised, 0.0).sum(axis=1)),
            _added(cells, np.where(seen, sold, 0.0).sum(axis=1)),
        )


def _cells(history: Array, age: Index) -> tuple[Index, Index]:
    return np.digitize((history > 0).sum(axis=1), KNOWN_BY), np.digitize(age, AGED)


def _added(cells: tuple[Index, Index], values: Array) -> Array:
    total = np.zeros(_CELLS)
    np.add.at(total, cells, values)
    return total


def _factors(kept: Sequence[_Kept]) -> Array:
    members, promised, sold = (
        sum((getattr(one, name) for one in kept), np.zeros(_CELLS)) for name in ("members", "promised", "sold")
    )
    if not promised.sum():
        return np.ones(_CELLS)
    belief = BELIEF * promised.sum() / members.sum()
    factors = np.ones(1)
    # From all members to those known as well, and of these to those as old.
    for axis in ((0, 1), (1,), ()):
        factors = (sold.sum(axis=axis, keepdims=True) + belief * factors) / (
            promised.sum(axis=axis, keepdims=True) + belief
        )
    return np.clip(factors, LOWEST, HIGHEST)
