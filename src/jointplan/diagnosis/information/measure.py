"""Information and spillover: whose data help whom, how orders swing, whether starts spread, and who is cut off."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from jointplan.contracts import Forecaster
from jointplan.diagnosis.chance import holm, share_interval
from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.information.bullwhip import measure_amplification
from jointplan.diagnosis.information.node_data import LEAST_WEEKS, Worth, choose_trial, value_data
from jointplan.diagnosis.information.order import order_of_nodes
from jointplan.diagnosis.information.spillover import measure_spillover, nearest_firms
from jointplan.diagnosis.materials import by_maker, makers_of
from jointplan.diagnosis.settings import InformationSettings
from jointplan.engine import Tables
from jointplan.schema import TABLES
from jointplan.texts import both

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LEAST_ORDER_WEEKS = 20
ORDER_KINDS = ("made", "made_for", "placed")
PERIOD = 13  # weeks of a period in which firms start
LEAST_STARTS = 10
LEAST_NODE_SERIES = 5
SURE = 0.05
LEAST_RANKED = 6  # firms; of fewer not even the smallest and the largest enclose the median at 95 %


def measure_information(
    tables: Tables, settings: InformationSettings, *, seed: int, forecaster: Forecaster | None
) -> Diagnosed:
    """Measure the flow of information among the members.

    Parameters
    ----------
    tables : Tables
        **firms**, **products**, **weekly**, and **recorded**, **orders**, **signals** and **ties** where given.
    settings : InformationSettings
        Samples, draws and neighbours.
    seed : int
        Seed of everything random.
    forecaster : Forecaster or None
        Forecasts demand; None: the worth of data is not measured.
    """
    parts = (
        _worth_of_data(tables, settings, seed, forecaster),
        measure_orders(tables, settings, seed=seed),
        _spillovers(tables, settings, seed),
        _outside(tables),
    )
    findings = tuple(finding for part in parts for finding in part.findings)
    return Diagnosed(findings, {name: table for part in parts for name, table in part.tables.items()})


def _worth_of_data(
    tables: Tables, settings: InformationSettings, seed: int, forecaster: Forecaster | None
) -> Diagnosed:
    name = "diagnosis_data"
    weekly = tables.frame("weekly", "week", "sku", "market", "seller", "quantity")
    rows = f"weekly: the last {settings.held_weeks} weeks held out"
    if forecaster is None:
        reason = unmeasured(
            "information",
            "worth_of_data",
            "data",
            "What sharing data is worth takes forecasts with and without each firm's data, which is long for a run: jointplan diagnose makes them.",
            rows,
        )
        return Diagnosed((reason,), {name: TABLES[name].empty()})
    trial = choose_trial(
        weekly,
        _owners(tables),
        tables.frame("products", "sku", "family", "maker"),
        held=settings.held_weeks,
        series=settings.series,
        context=settings.context,
        seed=seed,
    )
    if trial is None:
        reason = unmeasured(
            "information",
            "worth_of_data",
            "data",
            "What sharing data is worth needs {weeks} {weeks:week|weeks} of sales, and two owners that sell the same families in the same market.",
            rows,
            weeks=LEAST_WEEKS + settings.held_weeks,
        )
        return Diagnosed((reason,), {name: TABLES[name].empty()})
    found = value_data(trial, forecaster, tables["products"], nodes=settings.nodes, draws=settings.draws, seed=seed)
    told = [worth for worth in found if np.isfinite(worth.low)]
    findings = [_sharing(worth, trial.held) for worth in told if worth.kind == "all"]
    ordered = order_of_nodes(trial, forecaster, tables["products"], settings, seed)
    findings += _best_node(
        [w for w in told if w.kind != "all" and w.series >= LEAST_NODE_SERIES and np.isfinite(w.reduction)],
        confirmed=any(finding.measure for finding in (*findings, *ordered.findings)),
    )
    detail = [
        {
            "node": worth.node or None,
            "kind": worth.kind,
            "loss_without": worth.loss_without,
            "loss_with": worth.loss_with,
            "reduction": worth.reduction,
            "low": worth.low,
            "high": worth.high,
            "p_value": worth.p_value,
            "series": worth.series,
        }
        for worth in told
    ]
    return Diagnosed(
        (*findings, *ordered.findings),
        {name: pa.Table.from_pylist(detail, schema=TABLES[name].arrow), **ordered.tables},
    )


def _sharing(worth: Worth, held: int) -> Finding:
    sure = worth.p_value < 0.05
    if sure:
        message = both(
            "With everybody's sales instead of one's own, forecasts of the last {held} {held:week|weeks} miss {share:.1%} less ({series} series, drawn at random).",
            share=abs(worth.reduction),
            held=held,
            series=worth.series,
        )
    elif worth.reduction >= 0:
        message = both(
            "Everybody's sales instead of one's own improve forecasts of the last {held} {held:week|weeks} by {share:.1%}, which chance explains as well ({series} series, "
            "drawn at random).",
            share=abs(worth.reduction),
            held=held,
            series=worth.series,
        )
    else:
        message = both(
            "Everybody's sales instead of one's own do not improve forecasts of the last {held} {held:week|weeks}: they miss {share:.1%} more ({series} series, drawn at "
            "random).",
            share=abs(worth.reduction),
            held=held,
            series=worth.series,
        )
    return Finding(
        "information",
        "worth_of_data",
        "data",
        *message,
        rows=f"weekly: {worth.series} series, the last {held} weeks held out; diagnosis_data",
        value=worth.reduction,
        unit="share",
        comparison="others",
        reference=0.0,
        low=worth.low,
        high=worth.high,
        p_value=worth.p_value,
        severity=float(np.clip(5 * worth.reduction, 0, 1)) if sure else 0.0,
        measure="share_demand_data" if sure else "",
    )


def _best_node(nodes: list[Worth], *, confirmed: bool) -> list[Finding]:
    """Return what the node whose data help most is worth.

    Its chance counts how many were looked at (Holm), and it is claimed only where sharing with all, or nodes joining one after the other,
    are known to help too: of many nodes one stands out by chance.
    """
    if not nodes:
        return []
    chances = holm([worth.p_value for worth in nodes])
    p_value, best = max(zip(chances, nodes, strict=True), key=lambda pair: (pair[0] < SURE, pair[1].reduction))
    alone = bool(p_value < SURE)
    sure = alone and confirmed
    values: dict[str, object] = {
        "node": best.node, "share": best.reduction, "nodes": len(nodes), "series": best.series, "p": float(p_value),
    }  # fmt: skip
    if sure:
        message = both(
            "Of {nodes} nodes looked at, the data of {node} help others most: their forecasts miss {share:.1%} less with them ({series} series).",
            **values,
        )
    elif alone:
        message = both(
            "Of {nodes} nodes looked at the data of {node} alone stand out, by {share:.1%} of the others' loss (p = {p:.3f}, {series} series), but neither "
            "everybody's data together nor nodes joining one after the other are known to help: it may be chance, and is no claim.",
            **values,
        )
    else:
        message = both(
            "Of {nodes} nodes looked at none is known to be missed by others' forecasts if it alone stays away: the best, {node}, changes them by {share:.1%}, "
            "which chance explains as well ({series} series).",
            **values,
        )
    return [
        Finding(
            "information",
            "best_node",
            "data",
            *message,
            rows=f"diagnosis_data: node = {best.node}",
            subject=best.node,
            value=best.reduction,
            unit="share",
            comparison="others",
            reference=0.0,
            low=best.low,
            high=best.high,
            p_value=float(p_value),
            severity=float(np.clip(5 * best.reduction, 0, 1)) if sure else 0.0,
            measure="share_demand_data" if sure else "",
        )
    ]


def measure_orders(tables: Tables, settings: InformationSettings, *, seed: int) -> Diagnosed:
    """Measure whether orders swing more than the demand they follow (bullwhip), on what was recorded or on a plan's flows."""
    name = "diagnosis_bullwhip"
    rows = "recorded, orders, weekly"
    found: list[dict[str, Any]] = []
    for (kind, firm), (orders, demand) in sorted(_order_series(tables).items()):
        amplified = measure_amplification(orders, demand, draws=settings.draws, seed=seed)
        if amplified is not None:
            found.append(
                {
                    "firm": firm,
                    "orders": kind,
                    "ratio": amplified.ratio,
                    "low": amplified.low,
                    "high": amplified.high,
                    "p_value": amplified.p_value,
                    "weeks": amplified.weeks,
                }
            )
    if not found:
        reason = unmeasured(
            "information",
            "bullwhip",
            "data",
            "Whether orders swing more than demand needs {weeks} {weeks:week|weeks} in which a firm has both: lots in recorded, or orders with the day they were placed, "
            "and sales.",
            rows,
            weeks=LEAST_ORDER_WEEKS,
        )
        return Diagnosed((reason,), {name: TABLES[name].empty()})
    # A firm whose lots and whose orders are both known counts once, by what it makes before what is made for it.
    first = {row["firm"]: row for kind in reversed(ORDER_KINDS) for row in found if row["orders"] == kind}
    finding = _swing(list(first.values()), rows)
    return Diagnosed((finding,), {name: pa.Table.from_pylist(found, schema=TABLES[name].arrow)})


def _swing(firms: list[dict[str, Any]], rows: str) -> Finding:
    """Return how orders of the median firm swing; of one firm with its own interval, of too few for one by ranks without."""
    from scipy.stats import binom

    ratios = np.sort([row["ratio"] for row in firms])
    value = float(np.median(ratios))
    low: float | None = None
    high: float | None = None
    if len(firms) == 1:
        (only,) = firms
        low, high, p_value = only["low"], only["high"], float(only["p_value"])
        said = both(
            "Orders of {firm} swing {value:.1f} times as much as the demand they follow; of no other firm both are known.",
            firm=only["firm"],
            value=value,
        )
    else:
        p_value = float(binom.sf((ratios > 1).sum() - 1, len(ratios), 0.5))
        if len(firms) >= LEAST_RANKED:
            # The interval of a median by the ranks of the binomial (Conover, Practical Nonparametric Statistics).
            rank = int(binom.ppf(0.025, len(ratios), 0.5))
            low, high = float(ratios[rank - 1]), float(ratios[-rank])
        said = both(
            "Orders swing {value:.1f} times as much as the demand they follow (median of {firms} {firms:firm|firms}; for {swinging} of them more than chance explains).",
            value=value,
            firms=len(firms),
            swinging=sum(float(row["low"]) > 1 for row in firms),
        )
    sure = value > 1 and p_value < SURE
    return Finding(
        "information",
        "bullwhip",
        "data",
        *said,
        rows=f"{rows}: {len(firms)} firms in diagnosis_bullwhip",
        value=value,
        unit="ratio",
        comparison="norm",
        reference=1.0,
        low=low,
        high=high,
        p_value=p_value,
        severity=float(np.clip(1 - 1 / np.sqrt(value), 0, 1)) if sure else 0.0,
        measure="share_demand_data" if sure else "",
    )


def _order_series(tables: Tables) -> dict[tuple[str, str], tuple[Floats, Floats]]:
    """Return orders and demand per week by kind of order and firm, over the weeks in which both are known.

    A plan follows the demand it was made for (``wanted``), late or unmet as it may stay; what was sold is all that is known else.
    """
    weekly = tables.frame("wanted" if "wanted" in tables else "weekly", "week", "sku", "seller", "quantity")
    weekly = weekly.assign(quantity=weekly["quantity"].astype(float))
    made_by = by_maker(weekly, makers_of(tables), "quantity").rename(columns={"maker": "firm"})
    sold_by = weekly.rename(columns={"seller": "firm"})
    pairs: list[tuple[str, pd.DataFrame, pd.DataFrame]] = []
    if "recorded" in tables:
        made = tables.frame("recorded", "activity", "date", "firm", "seller", "quantity")
        made = made[made["activity"] == "make"].assign(week=lambda frame: _mondays(frame["date"]))
        pairs.append(("made", made[["firm", "week", "quantity"]], made_by))
        pairs.append(("made_for", made.drop(columns="firm").rename(columns={"seller": "firm"}), sold_by))
    if "orders" in tables:
        orders = tables.frame("orders", "date", "seller", "quantity")
        orders = orders[orders["date"].notna()].assign(week=lambda frame: _mondays(frame["date"]))
        pairs.append(("placed", orders.rename(columns={"seller": "firm"}), sold_by))
    found = {}
    for kind, orders, demand in pairs:
        if not len(orders) or not len(demand):
            continue
        begin = max(orders["week"].min(), demand["week"].min())
        end = min(orders["week"].max(), demand["week"].max())
        weeks = pd.date_range(begin, end, freq="7D")
        if len(weeks) < LEAST_ORDER_WEEKS:
            continue
        tall = [
            frame.groupby(["firm", "week"])["quantity"]
            .sum()
            .unstack(fill_value=0.0)
            .reindex(columns=weeks, fill_value=0.0)
            for frame in (orders, demand)
        ]
        for firm in tall[0].index.intersection(tall[1].index):
            ordered, wanted = (frame.loc[firm].fillna(0.0).to_numpy(float) for frame in tall)
            if (ordered > 0).sum() >= 3 and (wanted > 0).sum() >= LEAST_ORDER_WEEKS / 2:
                found[kind, str(firm)] = (ordered, wanted)
    return found


def _mondays(days: pd.Series) -> pd.Series:
    days = pd.to_datetime(days)
    return days - pd.to_timedelta(days.dt.weekday, unit="D")


def _spillovers(tables: Tables, settings: InformationSettings, seed: int) -> Diagnosed:
    name = "diagnosis_spillover"
    firms = tables.frame("firms", "firm", "lat", "lon")
    placed = firms[firms["lat"].notna() & firms["lon"].notna()].sort_values("firm", kind="stable")
    if len(placed) > settings.firms:
        rng = np.random.default_rng(seed)
        placed = placed.iloc[np.sort(rng.choice(len(placed), settings.firms, replace=False))]
    active, periods = active_firms(tables)
    active = active[active["firm"].isin(placed["firm"])]
    findings, detail = [], []
    for field, strand in (("family", "production"), ("market", "ecosystem")):
        indicator = f"spillover_{field}"
        found = None
        inside = placed[placed["firm"].isin(active["firm"])]
        if periods >= 3 and len(inside) > settings.neighbours + 1:
            started = (
                active.groupby(["firm", field])["period"].min().unstack().reindex(inside["firm"]).fillna(periods)
            ).to_numpy(np.int64)
            near = nearest_firms(inside["lat"].to_numpy(float), inside["lon"].to_numpy(float), settings.neighbours)
            found = measure_spillover(started, near, periods=periods, draws=settings.draws, seed=seed)
        where = f"firms: {len(inside)} with a position; first sales by {field}, {PERIOD} weeks at a time"
        if found is None or found.starts < LEAST_STARTS:
            findings.append(
                unmeasured(
                    "information",
                    indicator,
                    strand,  # type: ignore[arg-type]  # one of the two above
                    "Whether starts spread among neighbours needs {starts} {starts:start|starts} after the first {weeks} {weeks:week|weeks}, by firms with a position; there are {found}.",
                    where,
                    starts=LEAST_STARTS,
                    weeks=PERIOD,
                    found=found.starts if found else 0,
                )
            )
            continue
        detail.append(
            {
                "field": field,
                "ratio": found.ratio,
                "low": found.low,
                "high": found.high,
                "p_value": found.p_value,
                "starts": found.starts,
                "firms": found.firms,
            }
        )
        spreads = found.p_value < 0.05
        if field == "family":
            message = (
                both(
                    "Starts in a product family follow neighbours: firms that start have {ratio:.2f} times as many neighbours in it as by chance ({starts} {starts:start|starts}, "
                    "{firms} {firms:firm|firms}). Nearness, not its cause, is measured.",
                    ratio=found.ratio,
                    starts=found.starts,
                    firms=found.firms,
                )
                if spreads
                else both(
                    "Starts in a product family do not follow neighbours: {ratio:.2f} times as many neighbours in it as by chance, which chance explains ({starts} "
                    "starts, {firms} firms).",
                    ratio=found.ratio,
                    starts=found.starts,
                    firms=found.firms,
                )
            )
        else:
            message = (
                both(
                    "Starts in a market follow neighbours: firms that start have {ratio:.2f} times as many neighbours in it as by chance ({starts} starts, {firms} "
                    "firms). Nearness, not its cause, is measured.",
                    ratio=found.ratio,
                    starts=found.starts,
                    firms=found.firms,
                )
                if spreads
                else both(
                    "Starts in a market do not follow neighbours: {ratio:.2f} times as many neighbours in it as by chance, which chance explains ({starts} {starts:start|starts}, "
                    "{firms} {firms:firm|firms}).",
                    ratio=found.ratio,
                    starts=found.starts,
                    firms=found.firms,
                )
            )
        findings.append(
            Finding(
                "information",
                indicator,
                strand,  # type: ignore[arg-type]  # one of the two above
                *message,
                rows=where,
                value=found.ratio,
                unit="ratio",
                comparison="null",
                reference=1.0,
                low=found.low,
                high=found.high,
                p_value=found.p_value,
                severity=0.0,  # that starts follow neighbours is no harm, and that they do not is what chance explains
            )
        )
    return Diagnosed(tuple(findings), {name: pa.Table.from_pylist(detail, schema=TABLES[name].arrow)})


def active_firms(tables: Tables) -> tuple[pd.DataFrame, int]:
    """Return firm, family, market and period of all that firms sell and make, and how many whole periods there are.

    A seller is in a field from its first sale there. So is a maker by what it makes: as recorded, what it made for a seller in a period in
    the markets where that seller sold the product then; of products of which nothing is recorded, what was sold of those it is named the maker of.
    """
    weekly = tables.frame("weekly", "week", "sku", "market", "seller")
    products = tables.frame("products", "sku", "family", "maker")
    if not len(weekly):
        return pd.DataFrame({name: [] for name in ("firm", "family", "market", "period")}), 0
    began = weekly["week"].min()
    periods = int((weekly["week"].max() - began).days // 7) // PERIOD

    def period(days: pd.Series) -> pd.Series:
        return ((days - began).dt.days // 7 // PERIOD).clip(lower=0, upper=periods)

    sold = weekly.assign(period=period(weekly["week"]))[["sku", "market", "seller", "period"]].drop_duplicates()
    sold = sold.merge(products, on="sku", how="left")
    columns = ["firm", "family", "market", "period"]
    parts = [sold.rename(columns={"seller": "firm"})[columns]]
    named = sold
    if "recorded" in tables:
        made = tables.frame("recorded", "activity", "date", "firm", "sku", "seller")
        made = made[made["activity"] == "make"]
        named = sold[~sold["sku"].isin(made["sku"])]
        made = made.assign(period=period(made["date"]))[["firm", "sku", "seller", "period"]].drop_duplicates()
        made = made.merge(products[["sku", "family"]], on="sku")
        parts.append(
            made.merge(sold[["sku", "market", "seller", "period"]], on=["sku", "seller", "period"], how="left")[columns]
        )
    parts.append(named.rename(columns={"maker": "firm"})[columns].dropna(subset=["firm"]))
    return pd.concat(parts, ignore_index=True), periods


def _outside(tables: Tables) -> Diagnosed:
    """Find the firms that the information of e-commerce does not reach."""
    name = "diagnosis_outside"
    firms = tables.frame("firms", "firm", "role")
    firms = firms[firms["role"] != "carrier"]
    weekly = tables.frame("weekly", "sku", "seller")
    products = tables.frame("products", "sku", "maker")
    if not len(weekly) or not len(firms):
        reason = unmeasured(
            "information",
            "outside_flow",
            "data",
            "Which firms are outside the flow of information needs sales; there are none.",
            "weekly",
        )
        return Diagnosed((reason,), {name: TABLES[name].empty()})
    sellers = set(weekly["seller"])
    reached = set(sellers)
    makers = makers_of(tables)
    reached |= set(makers.loc[makers["sku"].isin(weekly["sku"]), "maker"])
    if "signals" in tables:
        reached |= set(products.loc[products["sku"].isin(tables.frame("signals", "sku")["sku"]), "maker"].dropna())
    if "ties" in tables:
        ties = tables.frame("ties", "firm_a", "firm_b")
        reached |= set(ties.loc[ties["firm_b"].isin(sellers), "firm_a"])
        reached |= set(ties.loc[ties["firm_a"].isin(sellers), "firm_b"])
    if "recorded" in tables:
        reached |= set(tables.frame("recorded", "firm")["firm"])
    outside = firms[~firms["firm"].isin(reached)].sort_values("firm", kind="stable")
    share = len(outside) / len(firms)
    low, high = share_interval(len(outside), len(firms))
    finding = Finding(
        "information",
        "outside_flow",
        "data",
        *both(
            "{count} of {all} {all:firm|firms} {count:is|are} outside the flow of e-commerce information: no sales, no signals, no ties to sellers.",
            count=len(outside),
            all=len(firms),
        ),
        rows=f"firms: {len(outside)} in diagnosis_outside",
        value=share,
        unit="share",
        low=low,
        high=high,
        severity=share,
        measure="share_demand_data" if share > 0 else "",
    )
    return Diagnosed((finding,), {name: pa.Table.from_pandas(outside, schema=TABLES[name].arrow, preserve_index=False)})


def _owners(tables: Tables) -> dict[str, str]:
    firms = tables.frame("firms", "firm", "owner")
    return dict(zip(firms["firm"], firms["owner"].fillna(firms["firm"]), strict=True))
