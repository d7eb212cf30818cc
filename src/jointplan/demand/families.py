"""Sparse series, forecast with their family.

They are added up by family and market, or by family where that is still sparse; the total is forecast like any series, and what it
is forecast to sell is shared among the members by what each sold of late. Who is a member is settled anew on every past
Monday: a series that sells well today may have been sparse then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from jointplan.demand.history import cap_spikes, no_longer_sold, recent_rates
from jointplan.demand.judge import Judged, Monday, judge
from jointplan.demand.outlook import Candidate, Outlook
from jointplan.demand.panel import Panel, codes, pairs_of
from jointplan.demand.scoring import naive_errors
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
        ended = no_longer_sold(known[rows], settings)
        absolute, squared = naive_errors(history[rows], first[rows])
        return Outlook(
            levels=np.where(ended, 0.0, share * level[self.group[rows]])[:, None],
            seasons={SHARED_DOWN.season: season[self.group[rows]]},
            spreads={SHARED_DOWN.season: past_spread(history[rows], first[rows], settings.half_life)},
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
) -> tuple[Index, list[Trial]]:
    """Try the forecasts of sparse series, or of a sample of very many, on past Mondays.

    Returns
    -------
    array of int, list of Trial
        Rows of the panel that are tried, and the trials of them.
    """
    past = list(zip(mondays[:-1], families.judged.trials, strict=True))
    sold = [monday.eligible & (monday.panel.first < monday.cutoff) for monday, _ in past]
    rows = np.flatnonzero(np.logical_or.reduce(sold)) if sold else np.zeros(0, dtype=np.int64)
    if len(rows) > MOST_TRIED:
        rows = np.sort(rng.choice(rows, MOST_TRIED, replace=False))
    trials = []
    for monday, total in past:
        outlook = families.members(panel, monday, total.outlook, rows, settings)
        actual = monday.panel.actual(monday.cutoff, total.actual.shape[1])[rows]
        festive = monday.panel.festive(monday.cutoff, total.actual.shape[1])
        these = None if festive is None else festive[rows]
        trials.append(Trial.of(outlook, actual, monday.eligible[rows], settings.min_history_weeks, these))
    return rows, trials
