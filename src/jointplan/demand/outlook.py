"""What can be said of the weeks to come from what is known on one Monday.

The same code looks ahead from past Mondays, to try the models, and from the last one, to forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from jointplan.demand.fitting import Fit, fit_all
from jointplan.demand.history import about_level, beyond_belief, cap_spikes, no_longer_sold, recent_rates
from jointplan.demand.models import SEASONAL_NAIVE, flat_models, moving_models, says_path
from jointplan.demand.panel import Grain, Panel, codes, pairs_of
from jointplan.demand.scoring import error_scales
from jointplan.demand.seasons import across_time, group_totals, season_profiles
from jointplan.demand.settings import ForecastSettings, ModelName
from jointplan.demand.spread import Spread, past_spread

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

FLAT, FAMILY, LAST_SEASON = "flat", "family", "last season"
"""Seasons a candidate may follow: none, that of the family, or the last season of the series itself. A model that follows a trend
goes its own way, which bears its name."""

COMBINATION = "Combination"
"""Mean of the levels of all flat models: the safe choice where little is known."""


@dataclass(frozen=True)
class Candidate:
    """A way to forecast: at what level, with which model, following which season."""

    level: str
    model: str
    season: str

    @property
    def model_and_season(self) -> str:
        """Name in the **accuracy** table, where the level stands apart."""
        return f"{self.model} × season" if self.season == FAMILY else self.model

    @property
    def label(self) -> str:
        """Name in the **forecasts** table."""
        return self.model_and_season if self.level == "series" else f"{self.level}: {self.model_and_season}"


WEIGHTED = Candidate("series", "Weighted", "weighted")
"""Mean of the other candidates, each series with its own weights."""


def candidates(settings: ForecastSettings, *, products: bool) -> tuple[Candidate, ...]:
    """Return the ways to forecast, the safest first.

    Parameters
    ----------
    settings : ForecastSettings
        Which models.
    products : bool
        Whether totals over sellers may be shared down.
    """
    models = (COMBINATION, *flat_models(settings))
    levels = ("series", "product") if products else ("series",)
    ways = [Candidate(level, model, season) for season in (FLAT, FAMILY) for level in levels for model in models]
    if SEASONAL_NAIVE in settings.models:
        ways.append(Candidate("series", SEASONAL_NAIVE, LAST_SEASON))
    ways += [Candidate("series", name, name) for name in moving_models(settings)]
    return tuple(ways)


def plainer_ways(ways: Sequence[Candidate]) -> Index:
    """Return the place of the candidate that each one refines: without the season, or without the total over sellers; -1: none."""
    place = {way: number for number, way in enumerate(ways)}
    plain = []
    for way in ways:
        sibling = replace(way, season=FLAT) if way.season == FAMILY else replace(way, level="series")
        plain.append(place.get(sibling, -1) if sibling != way else -1)
    return np.array(plain, dtype=np.int64)


@dataclass(frozen=True)
class Expectation:
    """What some series may sell, each by one candidate.

    Parameters
    ----------
    level : array
        Units per week before the season.
    season : array, series × weeks
        Index of the weeks to come.
    spread : Spread
        Spread of past weeks.
    grain : Grain
        In what amounts they are sold.
    """

    level: Array
    season: Array
    spread: Spread
    grain: Grain

    @property
    def mean(self) -> Array:
        """Units per week: series × weeks."""
        return self.level[:, None] * self.season

    def quantiles(self, chances: Array, *, settled: bool = True) -> Array:
        """Return quantiles of every week: series × levels × weeks.

        Parameters
        ----------
        chances : array, of levels or series × levels
            Chances to read the spread at, non-decreasing.
        settled : bool
            Whether in amounts as the series is sold, such as whole units.
        """
        path: Array = self.spread.quantiles(self.level, chances)[:, :, None] * self.season[:, None, :]
        return self.grain.settle(path) if settled else path


@dataclass(frozen=True)
class Outlook:
    """All candidates' forecasts of a panel, from one Monday.

    Parameters
    ----------
    levels : array, series × candidates
        Units per week before the season; NaN where a candidate has nothing to say.
    seasons : dict of arrays, series × weeks
        Index of the weeks to come, by season.
    spreads : dict of Spread
        Spread of past weeks, by season.
    naive_absolute, naive_squared : arrays
        Scales of errors, see :func:`jointplan.demand.scoring.error_scales`.
    known : array of int
        Weeks since the first sale.
    ended : array of bool
        Series no longer sold.
    grain : Grain
        In what amounts they are sold.
    """

    levels: Array
    seasons: dict[str, Array]
    spreads: dict[str, Spread]
    naive_absolute: Array
    naive_squared: Array
    known: Index
    ended: Mask
    grain: Grain

    def expect(self, rows: Index, places: Index, ways: Sequence[Candidate]) -> Expectation:
        """Return what some series may sell if each is forecast by its candidate.

        Parameters
        ----------
        rows, places : arrays of int
            Series, and the candidate of each.
        ways : sequence of Candidate
            The candidates.
        """
        names = np.array([way.season for way in ways], dtype=np.str_)[places]
        used = np.unique(names)
        if len(used) < 2:
            name = str(used[0]) if len(used) else ways[0].season
            season, spread = self.seasons[name][rows], self.spreads[name].pick(rows)
        else:
            season = np.choose(np.searchsorted(used, names)[:, None], [self.seasons[str(name)][rows] for name in used])
            spread = Spread.mix([self.spreads[str(name)].pick(rows) for name in used], np.searchsorted(used, names))
        return Expectation(self.levels[rows, places], season, spread, self.grain.pick(rows))


@dataclass(frozen=True)
class Groundwork:
    """What is known of a panel on a Monday before any model is fitted, and the fits that are wanted.

    Parameters
    ----------
    panel : Panel
        The series.
    cutoff, horizon : int
        Weeks that are known, and weeks to forecast.
    ways : tuple of Candidate
        From :func:`candidates`.
    settings : ForecastSettings
        See there.
    first : array of int
        Column of the first sale, as far as it is known.
    ended : array of bool
        Series no longer sold.
    histories : dict of arrays, series × weeks
        What the flat models read, by season: units with spikes lowered, with and without the season of the family.
    ahead : array, series × weeks
        Season of the family in the weeks to come.
    fits : dict of Fit
        By (level, season).
    rows : dict of arrays of int
        Series of each fit; products are all fitted.
    products : tuple or None
        Product of each series, its share of it, and which products have several sellers.
    """

    panel: Panel
    cutoff: int
    horizon: int
    ways: tuple[Candidate, ...]
    settings: ForecastSettings
    first: Index
    ended: Mask
    histories: dict[str, Array]
    ahead: Array
    fits: dict[tuple[str, str], Fit]
    rows: dict[tuple[str, str], Index]
    products: tuple[Index, Array, Mask] | None

    @classmethod
    def of(
        cls,
        panel: Panel,
        cutoff: int,
        horizon: int,
        ways: tuple[Candidate, ...],
        settings: ForecastSettings,
        *,
        most_moving: int | None = None,
    ) -> Groundwork:
        """Lay the ground on which :func:`look_from` forecasts a panel with every candidate.

        Parameters
        ----------
        panel : Panel
            The series.
        cutoff : int
            Weeks that are known; nothing after them is read.
        horizon : int
            Weeks to forecast.
        ways : tuple of Candidate
            From :func:`candidates`.
        settings : ForecastSettings
            See there.
        most_moving : int or None
            Series, spread evenly over the panel, that the models that follow a trend, which are slow, are asked of; None: all.
        """
        first = np.minimum(panel.first, cutoff)
        history = cap_spikes(panel.quantity[:, :cutoff], codes(panel.family)[0], settings.spike_factor)
        past, ahead = across_time(_family_profiles(panel, history, first, settings), cutoff, horizon)
        calm = history / past
        histories = {FLAT: history, FAMILY: calm}
        # What is no longer sold needs no model; where the family has no season, both histories are one.
        ended = no_longer_sold(
            panel.quantity[:, :cutoff], settings, None if panel.supposed is None else panel.supposed[:, :cutoff]
        )
        alive, swings = np.flatnonzero(~ended), np.flatnonzero(~ended & (past != 1.0).any(axis=1))
        rows = {("series", FLAT): alive, ("series", FAMILY): swings}
        fits = {
            ("series", FLAT): Fit(None, history[alive], first[alive], horizon, settings),
            ("series", FAMILY): Fit(None, calm[swings], first[swings], horizon, settings),
        }
        products = None
        if any(way.level == "product" for way in ways):
            products = _product_shares(panel, history, first, settings)
            product, _, several = products
            for season, values in histories.items():
                totals = group_totals(values, product, int(product.max()) + 1)
                begins = np.where((totals > 0).any(axis=1), (totals > 0).argmax(axis=1), cutoff)
                begins[~several] = cutoff
                fits["product", season] = Fit(None, totals, begins, horizon, settings)
        for way in ways:
            if way.season in histories:
                continue
            name: ModelName = way.model  # type: ignore[assignment]  # one that says a path
            asked = np.flatnonzero(~ended & says_path(name, history, first, settings))
            if way.season != LAST_SEASON and most_moving is not None and len(asked) > most_moving:
                asked = asked[np.arange(most_moving) * len(asked) // max(most_moving, 1)]
            rows[way.level, way.season] = asked
            fits[way.level, way.season] = Fit(name, history[asked], first[asked], horizon, settings)
        return cls(panel, cutoff, horizon, ways, settings, first, ended, histories, ahead, fits, rows, products)

    def outlook(self, fitted: Sequence[Array]) -> Outlook:
        """Return the outlook once everything in ``fits`` is fitted."""
        made = dict(zip(self.fits, fitted, strict=True))
        count, first, half_life = len(self.panel), self.first, self.settings.half_life
        plain = np.full((count, made["series", FLAT].shape[1]), np.nan)
        plain[self.rows["series", FLAT]] = made["series", FLAT]
        seasonal = plain.copy()
        seasonal[self.rows["series", FAMILY]] = made["series", FAMILY]
        made["series", FLAT], made["series", FAMILY] = plain, seasonal
        if self.products is not None:
            product, share, _ = self.products
            for season in self.histories:
                made["product", season] = made["product", season][product] * share[:, None]
        # A slip of the pen says little of its own series, and nothing of the others.
        sold = self.panel.quantity[:, : self.cutoff]
        lends = ~np.logical_or.reduce(beyond_belief(sold, self.histories[FLAT]), axis=1)
        spreads = {
            name: past_spread(about_level(history, first), first, half_life, lends)
            for name, history in self.histories.items()
        }
        seasons = {FLAT: np.ones((count, self.horizon)), FAMILY: self.ahead}
        names = flat_models(self.settings)
        columns = []
        for way in self.ways:
            levels = made[way.level, way.season]
            if way.season in self.histories:
                columns.append(
                    _mean_of_known(levels) if way.model == COMBINATION else levels[:, names.index(way.model)]
                )
                continue
            path = np.full((count, self.horizon), np.nan)
            path[self.rows[way.level, way.season]] = levels
            level = path.mean(axis=1)
            columns.append(level)
            seasons[way.season] = np.where((level > 0)[:, None], path / np.where(level > 0, level, 1.0)[:, None], 1.0)
            spreads[way.season] = spreads[FLAT]
        absolute, squared = error_scales(self.histories[FLAT], first)
        return Outlook(
            levels=np.where(self.ended[:, None], 0.0, np.stack(columns, axis=1)),
            seasons=seasons,
            spreads=spreads,
            naive_absolute=absolute,
            naive_squared=squared,
            known=self.cutoff - first,
            ended=self.ended,
            grain=self.panel.grain(self.cutoff),
        )


def look_from(grounds: Sequence[Groundwork], workers: int | None = 1) -> list[Outlook]:
    """Look ahead from several Mondays, the models fitted in chunks of series over some processes; None: all cores."""
    fitted = fit_all([one for ground in grounds for one in ground.fits.values()], workers=workers)
    made, begin = [], 0
    for ground in grounds:
        made.append(ground.outlook(fitted[begin : begin + len(ground.fits)]))
        begin += len(ground.fits)
    return made


def look_ahead(
    panel: Panel, cutoff: int, horizon: int, ways: tuple[Candidate, ...], settings: ForecastSettings
) -> Outlook:
    """Forecast a panel from the first ``cutoff`` weeks of it with every candidate, see :meth:`Groundwork.of`."""
    return look_from([Groundwork.of(panel, cutoff, horizon, ways, settings)])[0]


def combined(outlook: Outlook, ways: Sequence[Candidate], weights: Array) -> Outlook:
    """Return an outlook with one more candidate, :data:`WEIGHTED`.

    Parameters
    ----------
    outlook : Outlook
        What the candidates say.
    ways : sequence of Candidate
        The candidates.
    weights : array, series × candidates
        Weight of each; those that say nothing leave theirs to the others.
    """
    weight = np.where(np.isnan(outlook.levels), 0.0, weights)
    total = weight.sum(axis=1)
    weight = weight / np.where(total > 0, total, 1.0)[:, None]
    parts = weight * np.nan_to_num(outlook.levels)
    path = np.zeros((len(weight), next(iter(outlook.seasons.values())).shape[1]))
    for name, season in outlook.seasons.items():
        these = [place for place, way in enumerate(ways) if way.season == name]
        path += parts[:, these].sum(axis=1)[:, None] * np.nan_to_num(season)
    level = path.mean(axis=1)
    season = np.where((level > 0)[:, None], path / np.where(level > 0, level, 1.0)[:, None], 1.0)
    followers = [place for place, way in enumerate(ways) if way.season == FAMILY]
    follows = (weight[:, followers].sum(axis=1) > 0.5).astype(np.int64)
    return replace(
        outlook,
        levels=np.column_stack([outlook.levels, np.where(total > 0, level, np.nan)]),
        seasons=outlook.seasons | {WEIGHTED.season: season},
        spreads=outlook.spreads
        | {WEIGHTED.season: Spread.mix([outlook.spreads[FLAT], outlook.spreads[FAMILY]], follows)},
    )


def _family_profiles(panel: Panel, history: Array, first: Index, settings: ForecastSettings) -> Array:
    # The season of the family in the market; where too little is sold there, that of the family.
    family, families = codes(panel.family)
    pair, pairs = codes(pairs_of(panel.family, panel.market))
    everywhere, _ = season_profiles(history, first, family, families, settings.season)
    here, found = season_profiles(history, first, pair, pairs, settings.season)
    return np.where(found[pair][:, None], here[pair], everywhere[family])


def _product_shares(
    panel: Panel, history: Array, first: Index, settings: ForecastSettings
) -> tuple[Index, Array, Mask]:
    # Product of each series in its market, its share of it, and which products have several sellers.
    product, count = codes(pairs_of(panel.sku, panel.market))
    rate = recent_rates(history, first, settings.share_half_life)
    total = np.bincount(product, weights=rate, minlength=count)[product]
    several = np.bincount(product, minlength=count) > 1
    return product, rate / np.where(total > 0, total, 1.0), several


def _mean_of_known(levels: Array) -> Array:
    known = ~np.isnan(levels)
    count = known.sum(axis=1)
    total = np.where(known, levels, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
