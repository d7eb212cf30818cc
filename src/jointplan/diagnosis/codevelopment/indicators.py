"""The indicators of the two systems: those given, or a default set computed from the tables by quarter."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from jointplan.diagnosis.home import home_country
from jointplan.diagnosis.materials import quarters
from jointplan.engine import Tables
from jointplan.texts import BETWEEN, catalogue

SYSTEMS = ("cluster", "ecommerce")


@dataclass(frozen=True)
class Said:
    """Indicators or a period that something is said of.

    Parameters
    ----------
    indicators : tuple of str
        Their names, which the default set and the sample have in Chinese too.
    period : str
        The period; blank: none.
    rows : int
        How many rows there are; 0: not told.
    """

    indicators: tuple[str, ...] = ()
    period: str = ""
    rows: int = 0

    def written(self, lang: str) -> str:
        """Return it as it is written in a language: ``2024-Q1 (output, sales)``."""
        names = BETWEEN[lang].join(catalogue(lang).get(name, name) for name in self.indicators)
        if self.rows:
            return f"{names} {self.period} ({self.rows})"
        if not self.period:
            return names
        if not names:
            return self.period
        return f"{self.period}（{names}）" if lang == "zh" else f"{self.period} ({names})"


@dataclass(frozen=True)
class Panel:
    """Indicators of both systems over time.

    Parameters
    ----------
    values : DataFrame
        Periods × (system, indicator).
    negative : frozenset of tuple
        Those of which less is better.
    computed : bool
        Whether they are the default set.
    left_out : tuple of Said
        Indicators without a value in the latest period.
    periods : tuple of Said
        Periods left out, each with the reason: indicators without a value, or that it is no year among quarters.
    averaged : tuple of Said
        Indicators and periods that several rows tell of; their mean is taken.
    both_ways : tuple of Said
        Indicators of which rows disagree whether more is better; less is taken to be.
    """

    values: pd.DataFrame
    negative: frozenset[tuple[str, str]]
    computed: bool
    left_out: tuple[Said, ...] = ()
    periods: tuple[Said, ...] = ()
    averaged: tuple[Said, ...] = ()
    both_ways: tuple[Said, ...] = ()


def panel(tables: Tables) -> Panel:
    """Return the indicators of the table, or else the default set."""
    if "indicators" in tables and tables["indicators"].num_rows:
        rows = tables.frame("indicators", "system", "indicator", "period", "value", "direction")
        return _balanced(rows, computed=False)
    found = _balanced(default_indicators(tables), computed=True)
    weeks = tables.frame("weekly", "week")["week"]
    cut = sorted(set(quarters(weeks)) - _whole_quarters(weeks))
    return replace(found, periods=(*(Said(period=period) for period in cut), *found.periods))


def _balanced(rows: pd.DataFrame, *, computed: bool) -> Panel:
    """Keep one kind of period, the indicators of the latest that both systems have, and the periods that have all of these.

    What is not kept, and what had to be averaged, is named.
    """
    if not len(rows):
        return Panel(pd.DataFrame(), frozenset(), computed)
    written = rows["period"].str.strip().str.upper().str.replace(" ", "")
    rows = rows.assign(period=written.str.replace(r"^(\d{4})Q", r"\1-Q", regex=True))
    quarterly = rows["period"].str.contains("Q")
    by_quarter = bool(quarterly.sum() > (~quarterly).sum())
    others = sorted(rows.loc[quarterly != by_quarter, "period"].unique())
    rows = rows[quarterly == by_quarter]
    key = ["system", "indicator"]
    ways = rows.groupby(key)["direction"].agg(lambda said: frozenset(said.fillna("positive")))
    times = rows.groupby([*key, "period"]).size()
    wide = rows.pivot_table(index="period", columns=key, values="value").sort_index()
    here = wide.notna()
    full = np.logical_and.reduce([here.xs(s, axis=1, level=0).any(axis=1) for s in here.columns.unique(0)])
    last = wide.index[full][-1] if full.any() else wide.index[-1]
    kept = wide.loc[:, here.loc[last]]
    whole = kept.notna().all(axis=1) & (kept.index <= last)
    lacking = [
        Said(tuple(str(i) for _, i in kept.columns[~here.loc[p, kept.columns]]), str(p)) for p in wide.index[~whole]
    ]
    return Panel(
        kept[whole],
        frozenset((str(s), str(i)) for (s, i), said in ways.items() if "negative" in said),
        computed,
        tuple(Said((str(name),)) for _, name in wide.columns[~here.loc[last]]),
        (*(Said(period=period) for period in others), *lacking),
        tuple(Said((str(i),), str(period), int(n)) for (_, i, period), n in times[times > 1].items()),
        tuple(Said((str(i),)) for (_, i), said in ways.items() if len(said) > 1),
    )


def default_indicators(tables: Tables) -> pd.DataFrame:
    """Compute the default set from the tables, for every quarter that lies whole between the first week and the last.

    Cluster: output (value of goods with a maker in the cluster; of all goods where none is known), active makers (those
    recorded as making, where that is known of every such quarter; else the makers of what was sold), products sold, share of
    units returned (less is better). E-commerce: sales abroad (all sales where home is not known or nothing goes out, then
    called sales), active sellers, markets served, promotion as a share of sales (less is better).
    """
    weekly = tables.frame("weekly", "week", "sku", "market", "seller", "quantity", "revenue")
    weekly = weekly.merge(tables.frame("products", "sku", "maker"), on="sku")
    weekly = weekly.merge(tables.frame("markets", "market", "country"), on="market")
    weekly["period"] = quarters(weekly["week"])
    made = weekly[weekly["maker"].notna()] if weekly["maker"].notna().any() else weekly
    home = home_country(tables)
    abroad = weekly[weekly["country"].notna() & (weekly["country"] != home)] if home else weekly[:0]
    out, sales = (abroad, "sales abroad") if abroad["revenue"].sum() > 0 else (weekly, "sales")
    found: dict[tuple[str, str, str], pd.Series] = {
        ("cluster", "output", "positive"): made.groupby("period")["revenue"].sum(),
        ("cluster", "active makers", "positive"): _active_makers(tables, made),
        ("cluster", "products sold", "positive"): made.groupby("period")["sku"].nunique(),
        ("ecommerce", sales, "positive"): out.groupby("period")["revenue"].sum(),
        ("ecommerce", "active sellers", "positive"): weekly.groupby("period")["seller"].nunique(),
        ("ecommerce", "markets served", "positive"): weekly.groupby("period")["market"].nunique(),
    }
    if not found["cluster", "active makers", "positive"].any():
        del found["cluster", "active makers", "positive"]
    sold = weekly.groupby("period")["quantity"].sum()
    if "returns" in tables and tables["returns"].num_rows:
        back = tables.frame("returns", "date", "quantity")
        back = back.groupby(quarters(back["date"]))["quantity"].sum().reindex(sold.index, fill_value=0.0)
        found["cluster", "share returned", "negative"] = back / sold
    if "promotions" in tables and tables["promotions"].num_rows:
        spent = tables.frame("promotions", "date", "spend")
        spent = spent.groupby(quarters(spent["date"]))["spend"].sum().reindex(sold.index, fill_value=0.0)
        found["ecommerce", "promotion share of sales", "negative"] = spent / weekly.groupby("period")["revenue"].sum()
    whole = _whole_quarters(weekly["week"])
    rows = [
        {"system": system, "indicator": name, "period": str(period), "value": float(value), "direction": direction}
        for (system, name, direction), series in found.items()
        for period, value in series.items()
        if period in whole and np.isfinite(value)
    ]
    return pd.DataFrame(rows, columns=["system", "indicator", "period", "value", "direction"])


def _active_makers(tables: Tables, sold: pd.DataFrame) -> pd.Series:
    """Return how many firms make in each quarter; on one basis, so that quarters compare."""
    if "recorded" in tables:
        rows = tables.frame("recorded", "activity", "date", "firm", "quantity")
        rows = rows[(rows["activity"] == "make") & (rows["quantity"] > 0)]
        recorded = rows.groupby(quarters(rows["date"]))["firm"].nunique()
        if len(recorded) and _whole_quarters(sold["week"]) <= set(recorded.index):
            return recorded
    return sold.groupby("period")["maker"].nunique()


def _whole_quarters(weeks: pd.Series) -> set[str]:
    """Return the quarters whose first and last Mondays lie within the weeks."""
    if not len(weeks):
        return set()
    first, last = weeks.min(), weeks.max()
    week = pd.Timedelta(days=6)
    return {
        f"{q.year}-Q{q.quarter}"
        for q in pd.period_range(first, last, freq="Q")
        if q.start_time + week >= first and q.end_time.normalize() - week <= last
    }
