"""What a study answers besides a run: forecasts, stock targets, heat and launches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from jointplan.study.horizon import Horizon


@dataclass(frozen=True)
class Forecast:
    """Forecasts of demand and how accurate they were on the past.

    Parameters
    ----------
    tables : mapping
        ``forecasts`` and ``accuracy``.
    horizon : Horizon
        The weeks forecast.
    products : mapping
        Title of each product; its code where it has none.
    timings : mapping
        Seconds of each stage.
    early : tuple of str
        Products that sold in the incomplete last week alone.
    """

    tables: Mapping[str, pa.Table]
    horizon: Horizon
    products: Mapping[str, str]
    timings: Mapping[str, float]
    early: tuple[str, ...] = ()


@dataclass(frozen=True)
class StockTargets:
    """How much of each product to keep where.

    Parameters
    ----------
    table : Table
        ``targets``.
    currency : str
        Currency of the run.
    start : date
        Monday of the first week planned: what is said to be on hand is taken to be there on that day.
    replayed : date or None
        Monday on which a run of the workspace takes the same goods to be on hand, as it replays past weeks; None where it looks ahead, too.
    products, firms : mappings
        Title of each product and name of each firm; the code where there is none.
    timings : mapping
        Seconds of each stage.
    """

    table: pa.Table
    currency: str
    start: date
    replayed: date | None
    products: Mapping[str, str]
    firms: Mapping[str, str]
    timings: Mapping[str, float]


@dataclass(frozen=True)
class Newness:
    """Heat or launches.

    Parameters
    ----------
    tables : mapping
        The result tables.
    horizon : Horizon
        The weeks to plan; what is told is told from the weeks before them.
    names : mapping
        Title of each product; its code where it has none.
    timings : mapping
        Seconds of each stage.
    early : tuple of str
        Products that sold in the incomplete last week alone.
    """

    tables: Mapping[str, pa.Table]
    horizon: Horizon
    names: Mapping[str, str]
    timings: Mapping[str, float]
    early: tuple[str, ...] = ()
