"""Over how many markets, channels, buyers, suppliers, materials and origins the cluster's business spreads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from jointplan.diagnosis.finding import Finding, Strand, unmeasured
from jointplan.diagnosis.home import only_source
from jointplan.diagnosis.lock_in.concentration import (
    concentration_severity,
    correlations,
    effective_number,
    herfindahl,
    herfindahl_interval,
)
from jointplan.diagnosis.materials import bought_in, made_rows, material_use, years
from jointplan.diagnosis.settings import LockInSettings
from jointplan.engine import Tables
from jointplan.schema import TABLES
from jointplan.texts import both, catalogue

WEEKS = 4  # weeks whose revenue is one period of a correlation
YEAR = 52
_OF_MATERIALS = ("supplier", "material", "origin")
WEAK, STRONG = 0.1, 0.3  # correlation from which that of markets weighs, and at which it weighs in full
LEAST_FOR_OTHERS = 0.1  # of what makers make, for other firms, before it is asked which firms these are


@dataclass(frozen=True)
class Spread:
    """One distribution.

    Parameters
    ----------
    amounts : Series
        Money a year by name, the largest first.
    rows : str
        The rows behind it.
    periods : DataFrame
        The same by periods of four weeks (rows).
    """

    amounts: pd.Series
    rows: str
    periods: pd.DataFrame


def spreads(tables: Tables) -> dict[str, Spread]:
    """Return the distribution of each dimension the tables tell of."""
    found = {"market": _market(tables), "channel": _channel(tables), "buyer": _buyer(tables), **_bought(tables)}
    return {name: spread for name, spread in found.items() if spread is not None and spread.amounts.sum() > 0}


def last_year(frame: pd.DataFrame, column: str = "week") -> pd.DataFrame:
    """Return the rows of the last 52 weeks."""
    return frame[frame[column] > frame[column].max() - pd.Timedelta(weeks=YEAR)]


def _sorted(amounts: pd.Series) -> pd.Series:
    amounts = amounts[amounts > 0]
    return amounts.sort_values(ascending=False, kind="stable")


def _market(tables: Tables) -> Spread | None:
    weekly = tables.frame("weekly", "week", "market", "revenue")
    if weekly.empty:  # a plan may sell nothing
        return None
    amounts = last_year(weekly).groupby("market")["revenue"].sum() / min(years(weekly["week"]), 1.0)
    return Spread(
        _sorted(amounts), f"weekly: {len(weekly)}", _by_period(weekly["week"], weekly["market"], weekly["revenue"])
    )


def _by_period(days: pd.Series, names: pd.Series, amounts: pd.Series) -> pd.DataFrame:
    """Return amounts by periods of four weeks (rows, the last one ends with the last day) and names (columns)."""
    if not len(days):
        return pd.DataFrame()
    number = (days.max() - days).dt.days // (7 * WEEKS)
    return amounts.groupby([-number, names]).sum().unstack(fill_value=0.0)


def _channel(tables: Tables) -> Spread | None:
    """Return revenue by channel; lines are in their market's currency, so each market is scaled to its weekly revenue."""
    if "sales" not in tables or only_source(tables):
        return None
    # Millions of lines stay in Arrow.
    sales = tables["sales"].select(["date", "market", "channel", "quantity", "unit_price"])
    sales = sales.filter(pc.is_valid(sales["channel"]))
    if not sales.num_rows:
        return None
    first = pc.max(sales["date"]).as_py() - timedelta(weeks=YEAR)
    sales = sales.filter(pc.greater(sales["date"], pa.scalar(first, sales["date"].type)))
    number = sales.num_rows
    sales = sales.append_column("amount", pc.multiply(sales["quantity"], sales["unit_price"]))
    lines = sales.group_by(["date", "market", "channel"]).aggregate([("amount", "sum")]).to_pandas()
    lines = lines.rename(columns={"amount_sum": "amount"})
    weekly = tables.frame("weekly", "week", "market", "revenue")
    revenue = last_year(weekly).groupby("market")["revenue"].sum()
    scale = (revenue / lines.groupby("market")["amount"].sum()).rename("scale")
    lines = lines.merge(scale, left_on="market", right_index=True)
    lines["amount"] *= lines["scale"]
    periods = _by_period(pd.to_datetime(lines["date"]), lines["channel"], lines["amount"])
    amounts = lines.groupby("channel")["amount"].sum() / min(years(weekly["week"]), 1.0)
    return Spread(_sorted(amounts), f"sales.channel: {number}", periods)


def _buyer(tables: Tables) -> Spread | None:
    """Return to whom the makers of the cluster sell: the sellers, by the value of what is made for them."""
    products = tables.frame("products", "sku", "maker", "transfer_price", "unit_value")
    worth = products["transfer_price"].fillna(products["unit_value"])
    if "recorded" in tables and len(made := _made(tables)):
        span = min(years(made["date"]), 1.0)
        made = last_year(made, "date").rename(columns={"date": "week"})
        rows = made.merge(products.assign(worth=worth)[["sku", "worth"]], on="sku")
        rows["amount"] = rows["quantity"] * rows["worth"].fillna(0.0)
        source = f"recorded: {len(rows)}"
    else:
        weekly = tables.frame("weekly", "week", "sku", "seller", "revenue")
        span = min(years(weekly["week"]), 1.0) if len(weekly) else 1.0
        rows = last_year(weekly).merge(products, on="sku")
        rows = rows.dropna(subset=["maker"]).rename(columns={"maker": "firm", "revenue": "amount"})
        source = f"weekly, products.maker: {len(rows)}"
    others = rows["firm"] != rows["seller"]
    if rows.loc[others, "amount"].sum() < LEAST_FOR_OTHERS * rows["amount"].sum():
        return None
    rows = rows[others]
    periods = _by_period(rows["week"], rows["seller"], rows["amount"])
    return Spread(_sorted(rows.groupby("seller")["amount"].sum() / span), source, periods)


def _made(tables: Tables) -> pd.DataFrame:
    rows = tables.frame("recorded", "activity", "date", "firm", "sku", "seller", "quantity")
    return rows[rows["activity"] == "make"]


def purchases(tables: Tables) -> pd.DataFrame | None:
    """Return material, maker, supplier, origin and amount a year, each material bought as it was, else at its cheapest offer."""
    if not {"materials", "sources"} <= set(tables):
        return None
    use = material_use(tables)
    rows = use.merge(offers_taken(tables, use), on="material")
    rows["amount"] = rows["quantity"] * rows["cost"] * rows["part"]
    return rows


def offers_taken(tables: Tables, use: pd.DataFrame) -> pd.DataFrame:
    """Return material, supplier, origin, cost of a unit and the part of the material that is bought there.

    The flows of a plan say what it bought of materials whose price depends on the order (``bought``); every other material is
    bought at the cheapest offer that what is used in a week (``use``: a year) reaches.
    """
    total = use.groupby("material")["quantity"].sum().rename("used") / YEAR
    offers = tables.frame("sources", "material", "supplier", "origin", "from_quantity", "cost", "currency").merge(
        total, left_on="material", right_index=True
    )
    offers["cost"] *= offers["currency"].map(_latest_rates(tables)).fillna(1.0)
    offers = offers[offers["from_quantity"].fillna(0) <= offers["used"]]
    best = offers.sort_values(["material", "cost", "supplier"], kind="stable").drop_duplicates("material")
    best = best[["material", "supplier", "origin", "cost"]].assign(part=1.0)
    if "bought" not in tables:
        return best
    bought = tables.frame("bought", "material", "supplier", "origin", "quantity", "cost")
    bought = bought.groupby(["material", "supplier", "origin"], as_index=False, dropna=False)[
        ["quantity", "cost"]
    ].sum()
    bought = bought[bought["quantity"] > 0]
    bought["part"] = bought["quantity"] / bought.groupby("material")["quantity"].transform("sum")
    bought["cost"] /= bought["quantity"]
    rest = best[~best["material"].isin(bought["material"])]
    return pd.concat([bought.drop(columns="quantity"), rest], ignore_index=True)


def _latest_rates(tables: Tables) -> dict[str, float]:
    """Return what one unit of each currency was last worth in the currency of the run."""
    if "fx" not in tables:
        return {}
    fx = tables.frame("fx", "currency", "date", "rate").sort_values("date", kind="stable")
    return {str(code): float(rate) for code, rate in fx.groupby("currency")["rate"].last().items()}


def _bought(tables: Tables) -> dict[str, Spread]:
    rows = purchases(tables)
    if rows is None or not len(rows):
        return {}
    source = f"materials, sources (cheapest offer): {len(rows)}"
    used = _used_by_period(tables)
    return {
        name: Spread(_sorted(rows.groupby(name)["amount"].sum()), source, _bought_by_period(used, rows, name))
        for name in _OF_MATERIALS
        if rows[name].notna().any()
    }


def _used_by_period(tables: Tables) -> pd.DataFrame:
    """Return what is used of each material (columns), by its unit, in periods of four weeks (rows) of all that was made."""
    from scipy.sparse import csr_array

    made = made_rows(tables)
    units = _by_period(made["week"], made["sku"], made["quantity"].astype(float))
    parts = bought_in(tables)
    parts = parts[parts["sku"].isin(units.columns)]
    names = pd.Index(parts["material"].unique())
    ends = units.columns.get_indexer(parts["sku"]), names.get_indexer(parts["material"])
    into = csr_array((parts["quantity"].to_numpy(float), ends), shape=(units.shape[1], len(names)))
    return pd.DataFrame(units.to_numpy() @ into, units.index, names)


def _bought_by_period(used: pd.DataFrame, rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return money by period and supplier, material or origin, each material bought where, and at what, it is over all periods."""
    a_unit = rows.assign(cost=rows["cost"] * rows["part"]).drop_duplicates(["material", "supplier", "origin"])
    a_unit = a_unit.groupby(["material", name] if name != "material" else "material")["cost"].sum()
    if name == "material":
        return used[a_unit.index] * a_unit
    table = a_unit.unstack(fill_value=0.0)
    return used[table.index] @ table


_STRANDS: dict[str, Strand] = {
    "market": "ecosystem", "channel": "ecosystem", "buyer": "production", "supplier": "supply_chain",
    "material": "supply_chain", "origin": "supply_chain",
}  # fmt: skip
_HELPS = {
    "market": "enter_market,overseas_warehouse", "channel": "joint_promotion,enter_market", "buyer": "enter_market",
    "supplier": "substitute_imports", "material": "substitute_imports", "origin": "substitute_imports",
}  # fmt: skip


def _abroad(spread: Spread, home: str | None, values: dict[str, object]) -> float:
    """Name the largest origin abroad, and return its share: to buy at home is no dependence."""
    foreign = spread.amounts.drop(home, errors="ignore")
    share = float(foreign.iloc[0] / spread.amounts.sum()) if len(foreign) else 0.0
    values |= {"top": foreign.index[0] if len(foreign) else "–", "share": f"{share:.0%}"}
    return share


def spread_findings(
    found: Mapping[str, Spread],
    settings: LockInSettings,
    home: str | None,
    source: str | None,
    seed: int,
    tables: Tables,
) -> Iterator[Finding]:
    """Say how concentrated each dimension is, or why it is not known.

    Parameters
    ----------
    found : mapping
        What :func:`spreads` found.
    settings : LockInSettings
        The norm.
    home : str or None
        The cluster's country.
    source : str or None
        Where all sales were brought from, if from one place (:func:`only_source`).
    seed : int
        Seed of the intervals.
    tables : Tables
        What :func:`spreads` looked at, to tell what is lacking.
    """
    for name in _STRANDS:
        if name not in found:
            yield _missing(name, tables)
            continue
        spread = found[name]
        if name == "buyer" and source and len(spread.amounts) == 1:
            yield unmeasured(
                "lock_in", "buyer_concentration", "production",
                "Concentration on buyers cannot be told: all sales were brought from {source} and are of one seller, {top}. Bring what makers make for others.",
                spread.rows, source=source, top=str(spread.amounts.index[0]),
            )  # fmt: skip
            continue
        index = herfindahl(spread.amounts)
        # Of the periods whose amounts are told: the last year's; of materials, whose use is a mean, all.
        periods = spread.periods.reindex(columns=spread.amounts.index, fill_value=0.0)
        judged = periods if name in _OF_MATERIALS else periods.tail(YEAR // WEEKS)
        interval = herfindahl_interval(judged, seed) if len(spread.amounts) > 1 else None  # one alone stays one
        # Told as the effective number, so that few is little: the largest index is the fewest.
        low, high = (None, None) if interval is None else (1 / interval[1], 1 / interval[0])
        values: dict[str, object] = {
            "top": spread.amounts.index[0],
            "share": f"{spread.amounts.iloc[0] / spread.amounts.sum():.0%}",
            "number": len(spread.amounts),
            "effective": f"{1 / index:.1f}",
        }
        severity = concentration_severity(index, settings.concentrated)
        if name == "origin":
            severity = _abroad(spread, home, values)
        said = _told(name, values, spread.amounts.index)
        # Few origins are no complaint where they are home.
        norm = None if name == "origin" else 1 / settings.concentrated
        if norm is not None and 1 < len(spread.amounts) < norm:
            few = both(
                "{number} are fewer than the {norm} equal ones of the norm: however evenly business is spread, it takes more of them.",
                number=len(spread.amounts),
                norm=f"{norm:g}",
            )
            said = f"{said[0]} {few[0]}", said[1] + few[1]
        yield Finding(
            "lock_in", f"{name}_concentration", _STRANDS[name], *said, spread.rows, "", 1 / index, "count",
            None if norm is None else "norm", norm, low, high, severity=severity, measure=_HELPS[name],
        )  # fmt: skip
    if "market" in found:
        yield _together(found["market"])


def _told(name: str, values: Mapping[str, object], names: pd.Index) -> tuple[str, str]:
    """Return the sentence in both languages; what has a Chinese name, as the channels of the sample, has it there."""
    top = str(values["top"] if len(names) > 1 else names[0])
    english, chinese = (
        _said(name, {**values, "top": word}) if len(names) > 1 else _only(name, word)
        for word in (top, catalogue("zh").get(top, top) if name == "channel" else top)
    )
    return english[0], chinese[1]


def _said(name: str, values: Mapping[str, object]) -> tuple[str, str]:
    match name:
        case "market":
            return both(
                "{share} of sales end in one market, {top}: {number} {number:market is|markets are} worth {effective} {effective:equal one|equal ones}.",
                **values,
            )
        case "channel":
            return both(
                "{share} of sales go through one channel, {top}: {number} {number:channel is|channels are} worth {effective} {effective:equal one|equal ones}.",
                **values,
            )
        case "buyer":
            return both(
                "{share} of what makers make goes to one seller, {top}: {number} {number:buyer is|buyers are} worth {effective} {effective:equal one|equal ones}.",
                **values,
            )
        case "supplier":
            return both(
                "{share} of material is bought from one supplier, {top}: {number} {number:supplier is|suppliers are} worth {effective} {effective:equal one|equal ones}.",
                **values,
            )
        case "material":
            return both(
                "{share} of what material costs is one material, {top}: {number} {number:material is|materials are} worth {effective} {effective:equal one|equal ones}.",
                **values,
            )
        case _:
            return both(
                "{share} of material comes from one country abroad, {top}; {number} {number:origin is|origins are} worth {effective} {effective:equal one|equal ones}.",
                **values,
            )


def _only(name: str, top: str) -> tuple[str, str]:
    """Say that there is but one: an effective number of one would tell nothing."""
    match name:
        case "market":
            return both("All sales end in one market, {top}; the tables name no other.", top=top)
        case "channel":
            return both("All sales go through one channel, {top}; the tables name no other.", top=top)
        case "buyer":
            return both("All that makers make for others goes to one seller, {top}; the tables name no other.", top=top)
        case "supplier":
            return both("All material is bought from one supplier, {top}.", top=top)
        case "material":
            return both("All that material costs is one material, {top}.", top=top)
        case _:
            return both("All material comes from one country, {top}.", top=top)


def _missing(name: str, tables: Tables) -> Finding:
    if not tables["weekly"].num_rows:
        return unmeasured(
            "lock_in", f"{name}_concentration", _STRANDS[name],
            "On how few business depends cannot be told without sales; there are none.", "weekly: 0",
        )  # fmt: skip
    match name:
        case "market":
            return unmeasured(
                "lock_in", "market_concentration", "ecosystem",
                "Concentration on markets cannot be told: no sale has a price. Fill in sales.unit_price or products.unit_value.",
                f"weekly: {tables['weekly'].num_rows}",
            )  # fmt: skip
        case "buyer" if lots := _unpriced_lots(tables):
            return unmeasured(
                "lock_in", "buyer_concentration", "production",
                "Concentration on buyers cannot be told: lots are recorded, but not what they are worth. Fill in products.transfer_price or products.unit_value.",
                f"recorded: {lots}",
            )  # fmt: skip
        case "channel":
            return unmeasured(
                "lock_in",
                "channel_concentration",
                "ecosystem",
                "Concentration on channels cannot be told: sales name no channel, or were all brought from one platform.",
                "sales.channel: 0",
            )
        case "buyer":
            return unmeasured(
                "lock_in",
                "buyer_concentration",
                "production",
                "Concentration on buyers cannot be told: makers sell hardly anything through other firms, and sales do not name their customers.",
                "products.maker: 0",
            )
        case _:
            return unmeasured(
                "lock_in",
                f"{name}_concentration",
                _STRANDS[name],
                "Concentration on suppliers, materials and origins cannot be told without the tables materials and sources and a maker of the products.",
                "materials, sources: 0",
            )


def _unpriced_lots(tables: Tables) -> int:
    """Return how many lots are recorded, if the worth of none is known; else 0."""
    if "recorded" not in tables:
        return 0
    made, products = _made(tables), tables.frame("products", "sku", "transfer_price", "unit_value")
    worth = products["transfer_price"].fillna(products["unit_value"])
    return 0 if made["sku"].isin(products.loc[worth > 0, "sku"]).any() else len(made)


def _together(spread: Spread) -> Finding:
    """Say how many independent markets there are, given that some rise and fall together."""
    periods = spread.periods
    together = correlations(periods[spread.amounts.index])
    if together is None or len(spread.amounts) < 2:
        return unmeasured(
            "lock_in", "market_covariance", "ecosystem",
            "Whether markets rise and fall together cannot be told: it needs two markets and a year of sales.", spread.rows,
        )  # fmt: skip
    shares = (spread.amounts / spread.amounts.sum()).to_numpy()
    plain, independent = effective_number(shares), effective_number(shares, together)
    off = ~np.eye(len(shares), dtype=bool)
    weight = np.outer(shares, shares)[off]
    mean = float((together[off] * weight).sum() / weight.sum())
    said = both(
        "Markets that count as {plain} equal ones are worth {independent} independent ones, as demand in them moves together (correlation {mean}).",
        plain=f"{plain:.1f}",
        independent=f"{independent:.1f}",
        mean=f"{mean:.2f}",
    )
    lost = max(0.0, 1 - independent / plain)
    return Finding(
        "lock_in", "market_covariance", "ecosystem", *said, spread.rows, "", independent, "markets", "others", plain,
        severity=lost * float(np.clip((mean - WEAK) / (STRONG - WEAK), 0, 1)), measure="enter_market",
    )  # fmt: skip


def shares_table(found: Mapping[str, Spread]) -> pa.Table:
    """Return the table **diagnosis_shares**."""
    rows = [
        {
            "dimension": name,
            "name": str(key),
            "amount": float(amount),
            "share": float(amount / spread.amounts.sum()),
            "rank": rank,
        }
        for name, spread in found.items()
        for rank, (key, amount) in enumerate(spread.amounts.items(), start=1)
    ]
    return pa.Table.from_pylist(rows, TABLES["diagnosis_shares"].arrow)
