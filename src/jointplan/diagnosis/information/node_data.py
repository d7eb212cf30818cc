"""What each node's data are worth to the others: the held-out loss of their forecasts with and without them.

The last weeks are held out. Some series are forecast from their owners' own rows, from everybody's, and from everybody's but one node's; the loss is
the pinball loss over all quantiles as a share of the usual sales of the series. A seller's data are its sales. A making firm's are what it sees: the
sales of its products by all their sellers; they are judged by what they add to each of these sellers' own rows.

A forecast costs time, so a sample of the series is judged, and at most so many nodes: those first that sell most where others' series are judged, for a node
that shares no family and market with them can add nothing. What one node adds depends on who else shares. Two answers stand side by side: what is lost when
it alone stays away (with and without the node), and what it adds when sellers' data come one after the other (:mod:`screening`). For the second the owners
are dealt into two halves: each half is judged with its own rows and those of the chosen nodes of the other, so that no node helps itself and one forecast
tells what a node adds.

References
----------
Raghunathan (2001), *Management Science* 47: the worth of shared data is overstated unless held against the best forecast from one's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from jointplan.contracts import Forecaster
from jointplan.diagnosis.information.screening import Screening, screen_nodes
from jointplan.schema import QUANTILES, TABLES

Floats = npt.NDArray[np.float64]

KEY = ["sku", "market", "seller"]
LEVELS: Floats = np.array([float(f"0.{name[1:]}") for name in QUANTILES])
LEAST_WEEKS = 26  # of history
RECENT = 26  # weeks in which a series must have sold
LEAST_SOLD = 8  # weeks with sales it needs


@dataclass(frozen=True)
class Worth:
    """What data are worth.

    Parameters
    ----------
    node : str
        Whose data; blank: everybody's.
    kind : str
        ``all``, ``seller`` or ``maker``.
    loss_without, loss_with : float
        Mean loss of the others' series, as a share of their usual sales.
    low, high : float
        95 % interval of the relative reduction, over series.
    p_value : float
        Chance of no reduction, one-sided, by the same draws.
    series : int
        Series judged.
    """

    node: str
    kind: Literal["all", "seller", "maker"]
    loss_without: float
    loss_with: float
    low: float
    high: float
    p_value: float
    series: int

    @property
    def reduction(self) -> float:
        """Share of the loss that the data take away; below 0: they add to it."""
        return 1.0 - self.loss_with / self.loss_without if self.loss_without > 0 else 0.0


@dataclass(frozen=True)
class Trial:
    """What is tried.

    Parameters
    ----------
    history : DataFrame
        week, sku, market, seller, quantity of the series looked at, before the weeks held out.
    actual : DataFrame
        The same in the weeks held out.
    targets : DataFrame
        Series judged: sku, market, seller, owner, maker, usual (units per week).
    held : int
        Weeks held out.
    """

    history: pd.DataFrame
    actual: pd.DataFrame
    targets: pd.DataFrame
    held: int


def choose_trial(
    weekly: pd.DataFrame,
    owner_of: Mapping[str, str],
    products: pd.DataFrame,
    *,
    held: int,
    series: int,
    context: int,
    seed: int,
) -> Trial | None:
    """Choose the series that are judged and those that may help; None with too short a history or nobody to learn from.

    Parameters
    ----------
    weekly : DataFrame
        week, sku, market, seller, quantity.
    owner_of : mapping
        Owner of each seller.
    products : DataFrame
        sku, family, maker.
    held : int
        Weeks held out at the end.
    series, context : int
        Most series judged, and most series forecast with them.
    seed : int
        Of the sample.
    """
    if not len(weekly):
        return None
    end = weekly["week"].max() + timedelta(weeks=1)
    start = end - timedelta(weeks=held)
    if (start - weekly["week"].min()).days < 7 * LEAST_WEEKS:
        return None
    rows = weekly.merge(products, on="sku", how="left").assign(owner=weekly["seller"].map(owner_of).to_numpy())
    rows["family"] = rows["family"].fillna("general")
    history, actual = rows[rows["week"] < start], rows[rows["week"] >= start]
    recent = history[history["week"] >= start - timedelta(weeks=52)]
    facts = recent.groupby(KEY, sort=True).agg(
        units=("quantity", "sum"), weeks=("week", "nunique"), last=("week", "max"),
        family=("family", "first"), owner=("owner", "first"), maker=("maker", "first"),
    ).reset_index()  # fmt: skip
    sharers = facts.groupby(["family", "market"])["owner"].transform("nunique")
    able = facts[(facts["weeks"] >= LEAST_SOLD) & (facts["last"] >= start - timedelta(weeks=RECENT)) & (sharers > 1)]
    if len(able) < 2 or able["owner"].nunique() < 2:
        return None
    rng = np.random.default_rng(seed)
    picked = np.sort(rng.choice(len(able), min(series, len(able)), replace=False))
    span = min(52.0, (start - history["week"].min()).days / 7.0)
    targets = able.iloc[picked].assign(usual=lambda frame: frame["units"] / span)
    cells = targets[["family", "market"]].drop_duplicates()
    around = facts.merge(cells, on=["family", "market"]).sort_values(
        ["units", *KEY], ascending=[False, True, True, True]
    )
    kept = pd.concat([targets[KEY], around[KEY].head(max(context - len(targets), 0))]).drop_duplicates()
    columns = ["week", *KEY, "quantity"]
    return Trial(
        history.merge(kept, on=KEY)[[*columns, "owner", "maker", "family"]],
        actual.merge(targets[KEY], on=KEY)[columns],
        targets[[*KEY, "family", "owner", "maker", "usual"]].reset_index(drop=True),
        held,
    )


def value_data(
    trial: Trial, forecaster: Forecaster, products: pa.Table, *, nodes: int, draws: int, seed: int
) -> tuple[Worth, ...]:
    """Judge everybody's data together, then node by node.

    Parameters
    ----------
    trial : Trial
        What is tried.
    forecaster : Forecaster
        Forecasts demand.
    products : Table
        The table products.
    nodes : int
        Most sellers, and most making firms, judged one by one.
    draws : int
        Bootstrap draws over series.
    seed : int
        Of these draws.
    """
    targets = trial.targets
    own = _losses(
        trial, forecaster, products, trial.history[trial.history["owner"].isin(targets["owner"])], pooled=False
    )
    together = _losses(trial, forecaster, products, trial.history, pooled=True)
    found = [_worth("", "all", own, together, draws, seed)]
    for node in _busiest(trial, "owner", nodes):
        others = (targets["owner"] != node).to_numpy()
        without = _losses(trial, forecaster, products, trial.history[trial.history["owner"] != node], pooled=True)
        found.append(_worth(node, "seller", without[others], together[others], draws, seed))
    for node in _busiest(trial, "maker", nodes):
        its = (targets["maker"] == node).to_numpy()
        seen = _losses(trial, forecaster, products, _with_seen(trial, node), pooled=False)
        found.append(_worth(node, "maker", own[its], seen[its], draws, seed))
    return tuple(found)


def screen_data(
    trial: Trial, forecaster: Forecaster, products: pa.Table, *, least: float, evaluations: int
) -> Screening | None:
    """Find whose data are worth having, and in what order; None where nobody is judged with rows of another half.

    Parameters
    ----------
    trial : Trial
        What is tried.
    forecaster : Forecaster
        Forecasts demand.
    products : Table
        The table products.
    least : float
        Share of the loss a node must take off.
    evaluations : int
        Most sets of nodes tried; each costs one forecast, the first two.
    """
    nodes = _busiest(trial, "owner", evaluations // 2)  # the other half of the tries is for the later rounds
    owners = trial.targets["owner"].to_numpy(object)
    everybody = [*nodes, *sorted(set(trial.history["owner"]) - set(nodes))]
    half = {owner: place % 2 for place, owner in enumerate(everybody)}
    judged = np.array([half[owner] for owner in owners], int)
    if not nodes or len(set(judged.tolist())) < 2:
        return None
    rows_half = trial.history["owner"].map(half).to_numpy()
    made: dict[tuple[int, frozenset[str]], Floats] = {}

    def of_half(number: int, chosen: frozenset[str]) -> Floats:
        if (number, chosen) not in made:
            there = (rows_half == number) | trial.history["owner"].isin(chosen).to_numpy()
            made[number, chosen] = _losses(trial, forecaster, products, trial.history[there], pooled=True)
        return made[number, chosen]

    def losses(chosen: tuple[str, ...]) -> Floats:
        parts = [of_half(number, frozenset(node for node in chosen if half[node] != number)) for number in (0, 1)]
        return np.where(judged == 0, *parts)

    known = np.isfinite(losses(()))
    return screen_nodes(lambda chosen: losses(chosen)[known], nodes, least=least, evaluations=evaluations)


def _busiest(trial: Trial, column: Literal["owner", "maker"], most: int) -> list[str]:
    """Return the nodes that sell most where others' series are judged; a making firm only if several owners sell its goods."""
    rows, targets = trial.history, trial.targets
    if column == "maker":
        made = rows[rows["maker"].notna()]
        several = made.groupby("maker")["owner"].nunique()
        judged = set(targets["maker"].dropna())
        units = made.groupby("maker")["quantity"].sum()
        units = units[[name in judged and several[name] > 1 for name in units.index]]
    else:
        cells = targets.groupby(["family", "market"])["owner"].agg(set).rename("judged").reset_index()
        near = rows.merge(cells, on=["family", "market"])
        helpful = [bool(judged - {owner}) for owner, judged in zip(near["owner"], near["judged"], strict=True)]
        units = near[helpful].groupby("owner")["quantity"].sum()
    return [str(name) for name in units.sort_values(ascending=False, kind="stable").index[:most]]


def _with_seen(trial: Trial, maker: str) -> pd.DataFrame:
    """Return the rows of each owner that sells goods of a maker that are judged, and with them as its own what that maker sees of all others.

    The others' rows stand there once for each such owner, under sellers of its own, so that one forecast answers for all.
    """
    rows, targets = trial.history, trial.targets
    seen = rows[rows["maker"] == maker]
    parts = []
    for owner in sorted(set(targets.loc[targets["maker"] == maker, "owner"])):
        others = seen[seen["owner"] != owner]
        parts += [rows[rows["owner"] == owner], others.assign(seller=others["seller"] + f" → {owner}", owner=owner)]
    return pd.concat(parts, ignore_index=True)


def _losses(trial: Trial, forecaster: Forecaster, products: pa.Table, rows: pd.DataFrame, *, pooled: bool) -> Floats:
    """Return the loss of each series judged, as a share of its usual sales; NaN where nothing was forecast."""
    sellers = sorted(set(rows["seller"]))
    owner_of = dict(zip(rows["seller"], rows["owner"], strict=True))
    firms = [{"firm": name, "role": "seller", "owner": "all" if pooled else owner_of[name]} for name in sellers]
    days = pa.array(rows["week"].dt.date, pa.date32())
    weekly = pa.table({"week": days, **{name: pa.array(rows[name]) for name in (*KEY, "quantity")}})
    tables = {"weekly": weekly, "firms": pa.Table.from_pylist(firms, TABLES["firms"].arrow), "products": products}
    start = trial.history["week"].max() + timedelta(weeks=1)
    made = forecaster(tables, start.date(), trial.held).to_pandas(date_as_object=False)
    # With all rows under one owner its own forecast is everybody's.
    made = made[made["basis"] == "shared"] if pooled else made[made["basis"].str.startswith("own:")]
    made = trial.targets[KEY].merge(made, on=KEY, how="left").merge(trial.actual, on=["week", *KEY], how="left")
    error = made["quantity"].fillna(0.0).to_numpy()[:, None] - made[list(QUANTILES)].to_numpy()
    made["loss"] = np.maximum(LEVELS * error, (LEVELS - 1.0) * error).mean(axis=1)
    mean = trial.targets[KEY].merge(made.groupby(KEY)["loss"].mean().reset_index(), on=KEY, how="left")["loss"]
    return np.asarray(mean / trial.targets["usual"], float)


def _worth(
    node: str, kind: Literal["all", "seller", "maker"], without: Floats, given: Floats, draws: int, seed: int
) -> Worth:
    known = np.isfinite(without) & np.isfinite(given)
    without, given = without[known], given[known]
    count = len(without)
    if count < 2:
        nothing = float("nan")
        return Worth(node, kind, nothing, nothing, nothing, nothing, 1.0, count)
    low, high, p_value = reduction_interval(without, given, without, draws, seed)
    return Worth(node, kind, float(without.mean()), float(given.mean()), float(low), float(high), p_value, count)


def reduction_interval(
    before: Floats, after: Floats, base: Floats, draws: int, seed: int
) -> tuple[float, float, float]:
    """Return the 95 % interval of what is taken off the loss as a share of that of ``base``, and the chance that it is nothing, series drawn anew."""
    picked = np.random.default_rng(seed).integers(0, len(base), size=(draws, len(base)))
    usual = base[picked].mean(axis=1)
    taken = (before[picked].mean(axis=1) - after[picked].mean(axis=1)) / np.where(usual > 0, usual, 1.0)
    low, high = np.quantile(taken, (0.025, 0.975))
    return float(low), float(high), (1 + int((taken <= 0).sum())) / (draws + 1)
