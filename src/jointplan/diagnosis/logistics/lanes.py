"""Price and days of each lane against the best attainable for its load and distance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from jointplan.diagnosis.chance import ratio_interval
from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.home import home_country
from jointplan.diagnosis.logistics.charges import charge, cheapest_rate
from jointplan.diagnosis.logistics.frontier import fit_frontier
from jointplan.diagnosis.logistics.promotion import unit_costs
from jointplan.diagnosis.money import worth_of
from jointplan.diagnosis.settings import LogisticsDiagnosisSettings
from jointplan.engine import Tables
from jointplan.schema import TABLES
from jointplan.schema.countries import countries
from jointplan.texts import both

Floats = npt.NDArray[np.float64]

EARTH_KM = 6371.0
DENSITY = 200.0
"""kg per m³ of goods whose volume is not given."""
LOAD = 100.0
"""kg at which lanes are judged where no shipment is recorded (a parcel: where no weight of a product is given)."""
DAYS_A_YEAR = 365.0
_LEAST_DAYS = 0.5
_NEAR = 50.0  # km that a nearer lane counts as


def measure_lanes(
    tables: Tables, settings: LogisticsDiagnosisSettings, *, currency: str, holding_rate: float, seed: int
) -> Diagnosed:
    """Hold each lane's price and days against a low quantile of the lanes, given load, distance and mode.

    Of price each mode with enough lanes has a frontier of its own; the others share one with a level a mode. Of days all modes share one.
    What days above the best cost is the capital tied up meanwhile: value moved a year · days / 365 · ``holding_rate`` (pipeline stock by
    Little's law, as in Silver, Pyke and Thomas, *Inventory and Production Management in Supply Chains*).
    """
    name = "diagnosis_lanes"
    if "lanes" not in tables or "tariffs" not in tables or not tables["lanes"].num_rows:
        reasons = tuple(
            unmeasured(
                "logistics",
                indicator,
                "ecosystem",
                "Whether freight is slow or dear needs the tables lanes and tariffs; they are not given.",
                "lanes, tariffs",
            )
            for indicator in ("lane_price", "lane_days")
        )
        return Diagnosed(reasons, {name: TABLES[name].empty()})
    lanes = _lanes(tables, currency)
    variables = [np.ones(len(lanes)), *_mode_columns(lanes["mode"])]
    distance = lanes["distance"].to_numpy(float)
    known = np.isfinite(distance)
    far = bool(known.mean() > 0.5 and np.ptp(np.maximum(distance[known], _NEAR)) > 0) if len(lanes) else False
    if far:
        variables.append(np.where(known, np.log(np.maximum(distance, _NEAR)), 0.0))
        if not known.all():  # a level of their own for the lanes whose distance is not known
            variables.append((~known).astype(float))
    loads = np.log(lanes["load"].to_numpy(float))
    by_load = [loads] if len(loads) and np.ptp(loads) > 0 else []
    slow = fit_frontier(
        np.maximum(lanes["days"].to_numpy(float), _LEAST_DAYS), np.column_stack(variables), quantile=settings.frontier
    )
    nothing = np.full(len(lanes), np.nan)
    lanes["best_price"] = _best_price(lanes, np.column_stack(variables + by_load), settings.frontier)
    lanes["best_days"] = slow.at(np.column_stack(variables)) if slow else nothing
    # Money is told of what is known to have moved; of assumed loads the ratio alone.
    recorded = lanes["recorded"].to_numpy(bool)
    lanes["stake"] = (np.maximum(lanes["price"] - lanes["best_price"], 0.0) * lanes["moved"]).where(recorded)
    by_lane = _value_moved(tables, currency)
    lanes["value"] = lanes["lane"].map(by_lane["value"])
    lanes["tied"] = np.maximum(lanes["days"] - lanes["best_days"], 0.0) / DAYS_A_YEAR * lanes["value"]
    lanes["days_stake"] = lanes["tied"] * holding_rate
    priced = lanes[lanes["best_price"].notna()]
    findings = (
        _price_finding(priced, settings, currency, seed, far=far)
        if len(priced)
        else _too_few("lane_price", len(lanes)),
        _days_finding(lanes, by_lane, settings, currency, holding_rate, seed)
        if slow
        else _too_few("lane_days", len(lanes)),
    )
    columns = TABLES[name].names
    detail = pa.Table.from_pandas(lanes[list(columns)], schema=TABLES[name].arrow, preserve_index=False)
    return Diagnosed(findings, {name: detail})


def _best_price(lanes: pd.DataFrame, variables: Floats, quantile: float) -> Floats:
    """Return the best attainable price of each lane: its mode's frontier, never below the mode's cheapest rate; NaN with too few lanes."""
    price = np.maximum(lanes["price"].to_numpy(float), 1e-6)
    shared = fit_frontier(price, variables, quantile=quantile)
    best = shared.at(variables) if shared else np.full(len(lanes), np.nan)
    for mode in sorted(set(lanes["mode"])):
        mine = (lanes["mode"] == mode).to_numpy(bool)
        varied = np.ptp(variables[mine], axis=0) > 0
        own = np.column_stack([np.ones(mine.sum()), variables[mine][:, varied]])
        if frontier := fit_frontier(price[mine], own, quantile=quantile):
            best[mine] = frontier.at(own)
    return np.asarray(np.maximum(best, lanes.groupby("mode")["rate"].transform("min").to_numpy(float)))


def _too_few(indicator: str, count: int) -> Finding:
    return unmeasured(
        "logistics",
        indicator,
        "ecosystem",
        "What is attainable for a load and distance needs more lanes to compare; there are {count}.",
        f"lanes: {count}",
        count=count,
    )


def _price_finding(
    lanes: pd.DataFrame, settings: LogisticsDiagnosisSettings, currency: str, seed: int, *, far: bool
) -> Finding:
    moved = lanes["moved"].fillna(0.0).to_numpy(float)
    weight = moved if moved.sum() > 0 else np.ones(len(lanes))
    # What moves nothing says nothing of what is paid.
    # A lane below the frontier is at the best, and makes up for no other.
    best = lanes["best_price"].to_numpy(float) * weight
    paid = np.maximum(lanes["price"].to_numpy(float) * weight, best)
    value = float(paid.sum() / best.sum())
    low, high = ratio_interval(paid, best, np.arange(len(lanes)), draws=settings.draws, seed=seed)
    stake = float(np.nansum(lanes["stake"]))
    worst = lanes.loc[(lanes["stake"] if stake > 0 else lanes["price"] / lanes["best_price"]).fillna(-1.0).idxmax()]
    if stake > 0 and far:
        message = both(
            "Freight costs {value:.2f} times the best attainable for load, distance and mode (reached by {share:.0%} of {lanes} {lanes:lane|lanes}); {stake:,.0f} {currency} a "
            "year are at stake, most on {worst}.",
            stake=stake,
            currency=currency,
            value=value,
            lanes=len(lanes),
            share=settings.frontier,
            worst=worst["lane"],
        )
    elif stake > 0:
        message = both(
            "Freight costs {value:.2f} times the best attainable for load and mode (reached by {share:.0%} of {lanes} {lanes:lane|lanes}); {stake:,.0f} {currency} a year are at "
            "stake, most on {worst}. Distances are not known, so far places look dear.",
            stake=stake,
            currency=currency,
            value=value,
            lanes=len(lanes),
            share=settings.frontier,
            worst=worst["lane"],
        )
    elif lanes["recorded"].any():
        message = both(
            "Freight costs {value:.2f} times the best attainable for load and mode (reached by {share:.0%} of {lanes} {lanes:lane|lanes}): nothing that moved went dearer, so no "
            "money is at stake.",
            value=value,
            lanes=len(lanes),
            share=settings.frontier,
        )
    else:
        message = both(
            "Freight costs {value:.2f} times the best attainable for load and mode (reached by {share:.0%} of {lanes} {lanes:lane|lanes}); the dearest is {worst}. The loads are "
            "assumed, not recorded, so no money at stake is told: bring the shipments (table recorded, activity ship, with the lane).",
            value=value,
            lanes=len(lanes),
            share=settings.frontier,
            worst=worst["lane"],
        )
    return Finding(
        "logistics",
        "lane_price",
        "ecosystem",
        *message,
        rows=f"lanes: {len(lanes)}; diagnosis_lanes",
        subject=str(worst["lane"]),
        value=value,
        unit="ratio",
        comparison="others",
        reference=1.0,
        low=low,
        high=high,
        severity=float(np.clip(1 - 1 / value, 0, 1)),
        measure="consolidate_freight",
    )


def _days_finding(
    lanes: pd.DataFrame,
    by_lane: pd.DataFrame,
    settings: LogisticsDiagnosisSettings,
    currency: str,
    holding_rate: float,
    seed: int,
) -> Finding:
    moved = lanes["moved"].fillna(0.0).to_numpy(float)
    weight = moved if moved.sum() > 0 else np.ones(len(lanes))
    feeders = _feeders(lanes)
    apart = bool(0 < weight[feeders].sum() < weight.sum())
    if apart:
        weight = np.where(feeders, 0.0, weight)
    best = lanes["best_days"].to_numpy(float) * weight
    taken = lanes["days"].to_numpy(float) * weight
    days = float(taken.sum() / weight.sum())
    taken = np.maximum(taken, best)
    value = float(taken.sum() / best.sum())
    low, high = ratio_interval(taken, best, np.arange(len(lanes)), draws=settings.draws, seed=seed)
    tied = lanes["tied"].fillna(0.0)
    worst = str(lanes.loc[(tied if tied.sum() > 0 else lanes["days"] / lanes["best_days"]).idxmax(), "lane"])
    freight = float((lanes["price"] * lanes["moved"]).where(lanes["recorded"]).sum())
    if freight > 0 and len(by_lane) and by_lane["value"].sum() > 0:
        # Like that of price: money at stake as a share of what freight costs, so that the two compare.
        severity = float(np.clip(lanes["days_stake"].sum() / freight, 0, 1))
    else:
        severity = float(np.clip(1 - 1 / value, 0, 1)) if value > 0 else 0.0
    said = (
        both(
            "A leg, not a journey over several, takes {days:.0f} days in the mean of what moves, {value:.2f} times the best attainable for the mode and, where known, the distance (reached by {share:.0%} of {lanes} {lanes:lane|lanes}).",
            days=days,
            value=value,
            share=settings.frontier,
            lanes=len(lanes),
        ),
        *(() if not apart else (both("Road legs between places where goods change lanes are left out of this mean."),)),
        *_cost_of_days(lanes, by_lane, worst, currency, holding_rate),
    )
    return Finding(
        "logistics",
        "lane_days",
        "ecosystem",
        " ".join(english for english, _ in said),
        "".join(chinese for _, chinese in said),
        rows=f"lanes: {len(lanes)}; diagnosis_lanes",
        subject=worst,
        value=value,
        unit="ratio",
        comparison="others",
        reference=1.0,
        low=low,
        high=high,
        severity=severity,
        measure="overseas_warehouse" if severity > 0.05 else "",
    )


def _feeders(lanes: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which lanes are road legs of a chain: they end where another lane begins, or begin where another ends."""
    joins = lanes["destination"].isin(lanes["origin"]) | lanes["origin"].isin(lanes["destination"])
    return np.asarray((lanes["mode"] == "road") & joins, bool)


def _cost_of_days(
    lanes: pd.DataFrame, by_lane: pd.DataFrame, worst: str, currency: str, holding_rate: float
) -> Iterator[tuple[str, str]]:
    """Say what the days above the best attainable cost a year, or which lane is the slowest and why no money is told."""
    if not lanes["tied"].sum() > 0:
        yield both("The slowest against it is {worst}.", worst=worst)
        if not len(by_lane):
            yield both("Shipments are not recorded, so what the days cost is not told.")
        elif not by_lane["value"].sum() > 0:
            yield both(
                "What the goods are worth is not known, so what the days cost is not told: fill in products.unit_value."
            )
        else:
            yield both("Nothing of known worth that moved took longer, so no money is at stake.")
        return
    yield both(
        "The days above it tie up {tied:,.0f} {currency}, which costs {stake:,.0f} {currency} a year at the holding rate of {rate:.0%} (plan.costs.holding_rate), most on {worst}.",
        tied=float(lanes["tied"].sum()),
        currency=currency,
        stake=float(lanes["days_stake"].sum()),
        rate=holding_rate,
        worst=worst,
    )
    if (at_price := by_lane["at_price"].sum()) > 0:
        yield both(
            "{share:.0%} of the goods' value is counted at selling prices, as what making those costs is not known: an upper end.",
            share=float(at_price / by_lane["value"].sum()),
        )


def _mode_columns(modes: pd.Series) -> list[Floats]:
    """Return a column of 0 and 1 for each mode but the commonest."""
    names = modes.value_counts(sort=True).index.tolist()
    return [(modes == name).to_numpy(float) for name in sorted(names[1:])]


def _lanes(tables: Tables, currency: str) -> pd.DataFrame:
    """Return the lanes that have a tariff and a price, with load, distance, price for a kg, days and what they move."""
    worth = worth_of(tables, currency)
    products = tables.frame("products", "sku", "weight", "volume")
    density = _median(products["weight"] / products["volume"]) or DENSITY
    moved = _moved(_sent(tables), products)
    unit, usual = _median(products["weight"]), _median(moved["load"])
    bands: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(tables["tariffs"].to_pylist(), key=lambda row: (row["tariff"], row["from_quantity"] or 0.0)):
        bands.setdefault(row["tariff"], []).append(row)
    places = _places(tables)
    found = []
    for lane in tables["lanes"].to_pylist():
        tariff = bands.get(lane["tariff"])
        if tariff is None:
            continue
        known = moved.loc[lane["lane"]] if lane["lane"] in moved.index else None
        load = unit if lane["mode"] == "parcel" else float(known["load"]) if known is not None else usual
        if tariff[0]["basis"] == "container" and known is None:
            load = _full(tariff[0], density)
        load = load or LOAD
        rate = worth.get(tariff[0].get("currency") or currency, float("nan"))
        price = charge(tariff, load, load / density, worth=rate) / load
        if not price > 0:
            continue
        found.append(
            {
                "lane": lane["lane"],
                "mode": lane["mode"],
                "origin": lane["origin"],
                "destination": lane["destination"],
                "load": load,
                "distance": _distance(places, lane["origin"], lane["destination"]),
                "price": price,
                "rate": min(cheapest_rate(tariff, density, worth=rate), price),
                "days": float(lane["transit_days"]),
                "moved": float(known["moved"]) if known is not None else np.nan,
                "recorded": known is not None,
            }
        )
    columns = [
        "lane",
        "mode",
        "origin",
        "destination",
        "load",
        "distance",
        "price",
        "rate",
        "days",
        "moved",
        "recorded",
    ]
    frame = pd.DataFrame(found, columns=columns)
    if len(frame) and frame["moved"].isna().all():
        frame = _on_the_cheapest(frame, tables, products)
    return frame


def _full(band: dict[str, Any], density: float) -> float:
    """Return the weight of a full container; one is not ordered for less than it is worth."""
    limits = [band["container_kg"], band["container_m3"] and band["container_m3"] * density]
    return min((limit for limit in limits if limit), default=0.0)


def _median(values: pd.Series) -> float:
    """Return the median of the known values; 0 where none is."""
    known = values.dropna()
    return float(known.median()) if len(known) else 0.0


def _sent(tables: Tables) -> pd.DataFrame:
    """Return what went by lanes: date, together (what goes in one load), sku, lane, quantity; no rows where nothing is recorded or planned.

    A plan says what goes in one load (``loads``); of what was recorded, what one firm sends on a lane in a week is one.
    """
    columns = ["date", "together", "sku", "lane", "quantity"]
    if "loads" in tables:
        rows = tables.frame("loads", "week", "load", "sku", "lane", "quantity")
        rows = rows.rename(columns={"week": "date", "load": "together"})
    elif "recorded" in tables:
        rows = tables.frame("recorded", "activity", "date", "firm", "sku", "lane", "quantity")
        rows = rows[rows["activity"] == "ship"].rename(columns={"firm": "together"})
    else:
        return pd.DataFrame({column: [] for column in columns})
    rows = rows[rows["lane"].notna()][columns]
    return rows.assign(week=pd.to_datetime(rows["date"]).dt.to_period("W-SUN"))


def _a_year(sent: pd.DataFrame) -> float:
    """Return what turns amounts of all weeks sent in into those of a year."""
    return 52.0 / max(int((sent["week"].max() - sent["week"].min()).n) + 1, 1)


def _moved(sent: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Return by lane the usual weight of a load and the weight moved in a year, of the goods whose weight is known.

    The usual load is that of the median kilogram: the price of a kilogram in the median load, which is lighter, is not what is
    paid for most of them.
    """
    rows = sent.merge(products, on="sku")
    rows["kg"] = rows["quantity"] * rows["weight"]
    rows = rows[rows["kg"] > 0]
    if not len(rows):
        return pd.DataFrame({"load": [], "moved": []})
    loads = rows.groupby(["lane", "together", "week"])["kg"].sum().sort_values(kind="stable")
    lighter, moved = loads.groupby("lane").cumsum(), loads.groupby("lane").sum()
    usual = loads[lighter >= 0.5 * lighter.groupby("lane").transform("max")].groupby("lane").min()
    return pd.DataFrame({"load": usual, "moved": moved * _a_year(rows)})


def _worth(tables: Tables, currency: str) -> pd.DataFrame:
    """Return by sku the worth of a unit, and whether it is a price: what making it costs, else its unit value, else its mean price."""
    products = tables.frame("products", "sku", "unit_value").set_index("sku")
    sold = tables.frame("weekly", "sku", "quantity", "revenue").groupby("sku")[["quantity", "revenue"]].sum()
    mean = (sold["revenue"] / sold["quantity"]).where(sold["quantity"] > 0)
    cost = pd.Series(unit_costs(tables, currency), dtype=float).reindex(products.index)
    price = products["unit_value"].where(products["unit_value"] > 0).fillna(mean.reindex(products.index))
    return pd.DataFrame({"worth": cost.where(cost > 0).fillna(price), "at_price": ~(cost > 0)})


def _value_moved(tables: Tables, currency: str) -> pd.DataFrame:
    """Return by lane the value of what went by it in a year, and as much of it as is counted at prices."""
    sent = _sent(tables)
    if not len(sent):
        return pd.DataFrame({"value": [], "at_price": []}, dtype=float)
    rows = sent.merge(_worth(tables, currency), left_on="sku", right_index=True)
    value = rows["quantity"] * rows["worth"].fillna(0.0) * _a_year(rows)
    by = rows["lane"]
    return pd.DataFrame(
        {"value": value.groupby(by).sum(), "at_price": value.where(rows["at_price"], 0.0).groupby(by).sum()}
    )


def _on_the_cheapest(frame: pd.DataFrame, tables: Tables, products: pd.DataFrame) -> pd.DataFrame:
    """Put what was sold in each market in the last year on its cheapest lane, so that what is likely used counts."""
    weekly = tables.frame("weekly", "week", "sku", "market", "quantity")
    if not len(weekly):
        return frame
    last = weekly[weekly["week"] > weekly["week"].max() - pd.Timedelta(weeks=52)].merge(products, on="sku")
    sold = (last["quantity"] * last["weight"]).groupby(last["market"]).sum()
    cheapest = frame.sort_values("price", kind="stable").drop_duplicates("destination").index
    frame.loc[cheapest, "moved"] = frame.loc[cheapest, "destination"].map(sold).replace(0.0, np.nan)
    return frame


def _places(tables: Tables) -> dict[str, tuple[float, float]]:
    """Return latitude and longitude of firms, sites and markets, and of ``*``, the middle of the firms or of the home country."""
    found: dict[str, tuple[float, float]] = {}
    firms = tables.frame("firms", "firm", "lat", "lon").dropna()
    found.update(zip(firms["firm"], zip(firms["lat"], firms["lon"], strict=True), strict=True))
    home = home_country(tables)
    middle = of_country(home)
    if len(firms):
        middle = (float(firms["lat"].median()), float(firms["lon"].median()))
    if middle:
        found["*"] = middle
    for row in tables["markets"].to_pylist():
        # Within the home country the middle of it tells no distance.
        if row["country"] != home and (place := of_country(row["country"])) is not None:
            found[row["market"]] = place
    # A firm's own place is where the firm is.
    for row in tables["sites"].to_pylist() if "sites" in tables else ():
        if row["lat"] is not None and row["lon"] is not None:
            found.setdefault(row["site"], (row["lat"], row["lon"]))
        elif (place := of_country(row["country"])) is not None:
            found.setdefault(row["site"], place)
    return found


def of_country(code: str | None) -> tuple[float, float] | None:
    """Return where a country lies; None where that is not known."""
    return countries().get(code) if code else None


def _distance(places: dict[str, tuple[float, float]], origin: str, destination: str) -> float:
    """Return the great circle between two places, km; NaN where one is not known."""
    if origin not in places or destination not in places:
        return float("nan")
    (a, b), (c, d) = np.radians(places[origin]), np.radians(places[destination])
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return float(2 * EARTH_KM * np.arcsin(np.sqrt(min(half, 1.0))))
