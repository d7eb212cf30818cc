"""Two runs side by side: what each is worth, how sure that is, who has what, and which lots, shipments and purchases moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from jointplan.schema import TABLES
from jointplan.store import StoredRun
from jointplan.study.run import Run, WholeGain

SMALL = 0.5  # units below which nothing has moved: a plan counts in parts of units
LITTLE = 0.005  # the same of materials, which may be tonnes or pieces, as a share of the largest purchase of each
PLANS = ("recorded", "separate", "joint")


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side; differences are second less first.

    Parameters
    ----------
    runs : tuple of str
        Their ids.
    asked : tuple of dict
        What was asked of each: first_week, members (None where all owners), measures, what_if (what was changed, as it was
        written), planned_again_from (the run that it was planned again from, None where from none), frozen (from which run's
        joint plan (run) it keeps the lots (lots) of how many first weeks (weeks); None where of none).
    currencies, weeks : tuple
        What each counts in, and how many weeks it plans.
    values : list of dict
        plan, first, second, difference, first_upper, second_upper, distinguishable: whether the best plans of the two are
        proven to be worth different amounts; None where a bound is missing.
    gains : dict
        gain, gain_low and gain_high of each run.
    whole_gains : tuple of WholeGain
        The same as people are told them.
    accounts : list of dict
        account, first, second, difference, of the joint plans.
    firms : list of dict
        firm, first, second, difference, of the joint plans.
    wanted : list of dict
        week, sku, market, seller, first, second, difference: demand in units that is other than it was, over the weeks
        that both plan; the largest differences first.
    changes : Table
        Lots, shipments and purchases that moved, see the table **changes**.
    joint_searched : tuple of bool
        Whether the joint plan of each was looked for: else it is what its search would have begun from.
    """

    runs: tuple[str, str]
    asked: tuple[dict[str, Any], dict[str, Any]]
    currencies: tuple[str, str]
    weeks: tuple[int, int]
    values: list[dict[str, Any]]
    gains: dict[str, list[float | None]]
    whole_gains: tuple[WholeGain, WholeGain]
    accounts: list[dict[str, Any]]
    firms: list[dict[str, Any]]
    wanted: list[dict[str, Any]]
    changes: pa.Table
    joint_searched: tuple[bool, bool] = (True, True)

    @property
    def gain_distinguishable(self) -> bool | None:
        """Whether the intervals of the two gains are apart; None where one is missing."""
        (low, other_low), (high, other_high) = self.gains["gain_low"], self.gains["gain_high"]
        return _apart(low, high, other_low, other_high)

    def as_dict(self) -> dict[str, Any]:
        """Return everything, for ``--json``."""
        return {
            "runs": list(self.runs),
            "asked": list(self.asked),
            "joint_searched": list(self.joint_searched),
            "currencies": list(self.currencies),
            "weeks": list(self.weeks),
            "values": self.values,
            "gains": self.gains,
            "gain_distinguishable": self.gain_distinguishable,
            "accounts": self.accounts,
            "firms": self.firms,
            "wanted": self.wanted,
            "changes": self.changes.to_pylist(),
        }


def compare_runs(first: StoredRun, second: StoredRun) -> Comparison:
    """Compare two finished runs."""
    runs = (first, second)
    figures = [run.manifest["figures"] for run in runs]
    return Comparison(
        runs=(first.id, second.id),
        asked=(asked_of(first.manifest), asked_of(second.manifest)),
        currencies=(first.manifest["currency"], second.manifest["currency"]),
        weeks=(first.manifest["horizon"]["weeks"], second.manifest["horizon"]["weeks"]),
        values=values_beside(*({row["plan"]: row for row in run.tables["values"].to_pylist()} for run in runs)),
        gains={name: [figure[name] for figure in figures] for name in ("gain", "gain_low", "gain_high")},
        whole_gains=(Run(first).whole_gain, Run(second).whole_gain),
        accounts=_sums(runs, "account", TABLES["ledger"]["account"].choices),
        firms=_sums(runs, "firm"),
        wanted=demand_changes(first.tables, second.tables),
        changes=plan_changes(first.tables, second.tables),
        joint_searched=(first.joint_searched, second.joint_searched),
    )


def asked_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was asked of a run, by its manifest, see :class:`Comparison`; earlier versions do not tell all of it."""
    return {
        "first_week": manifest["horizon"]["start"],
        "members": manifest.get("members"),
        "measures": manifest["settings"]["measures"],
        "what_if": list(manifest.get("what_if") or ()),
        "planned_again_from": manifest.get("planned_again_from"),
        "frozen": manifest.get("frozen"),
    }


def values_beside(*rows: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what the plans of two runs are worth side by side, from the rows of **values** of each by plan."""
    return [
        {
            "plan": plan,
            "first": (a := rows[0].get(plan, {}).get("value")),
            "second": (b := rows[1].get(plan, {}).get("value")),
            "difference": None if a is None or b is None else round(b - a, 2),
            "first_upper": (above := rows[0].get(plan, {}).get("upper")),
            "second_upper": (other_above := rows[1].get(plan, {}).get("upper")),
            "distinguishable": _apart(a, above, b, other_above),
        }
        for plan in PLANS
        if plan in rows[0] or plan in rows[1]
    ]


def _apart(low: float | None, high: float | None, other_low: float | None, other_high: float | None) -> bool | None:
    """Return whether two intervals have nothing in common; None where an end is missing."""
    if low is None or high is None or other_low is None or other_high is None:
        return None
    return high < other_low or other_high < low


def _sums(runs: tuple[StoredRun, StoredRun], by: str, order: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return sums of the joint plans' ledgers by a column."""
    sums: list[dict[str, float]] = []
    for run in runs:
        found: dict[str, float] = {}
        ledger = run.tables.get("ledger")
        if ledger is not None:
            joint = ledger.filter(pc.equal(ledger["plan"], "joint"))
            for row in joint.group_by(by).aggregate([("amount", "sum")]).to_pylist():
                found[row[by]] = round(row["amount_sum"], 2)
        sums.append(found)
    known = sorted({*sums[0], *sums[1]})
    ranked = [name for name in order if name in known] or known
    return [
        {
            by: name,
            "first": sums[0].get(name, 0.0),
            "second": sums[1].get(name, 0.0),
            "difference": round(sums[1].get(name, 0.0) - sums[0].get(name, 0.0), 2),
        }
        for name in ranked
    ]


def plan_changes(before: Mapping[str, pa.Table], after: Mapping[str, pa.Table]) -> pa.Table:
    """Return what moved between the joint plans of two runs, over the weeks that both plan.

    Of one product and seller, or of one material, what is made, sent or bought less in one place and week is matched with what is
    made, sent or bought more in another, in order of time; what is left over was dropped or added.
    """
    rows: list[dict[str, Any]] = []
    weeks = _common_weeks(before, after)
    for what, table, line, place in (
        ("lot", "lots", ("sku", "seller"), "maker"),
        ("shipment", "shipments", ("sku", "seller", "destination"), "lane"),
        ("purchase", "purchases", ("material",), "supplier"),
    ):
        sums = [_by_place(tables.get(table), [*line, place], weeks) for tables in (before, after)]
        difference = sums[1].sub(sums[0], fill_value=0.0)
        moved = difference.reset_index().assign(least=SMALL)
        if what == "purchase":
            largest = pd.concat(sums).groupby(level="material").max()
            moved["least"] = LITTLE * moved["material"].map(largest).astype(float)
        moved = moved[moved["quantity"].abs() > moved["least"]]
        for key, cells in moved.groupby(list(line), sort=True):
            names = dict(zip(line, key, strict=True))
            of = {name: names.get(name) for name in ("sku", "seller", "material")}
            for change in _matched(cells, place):
                rows.append({"what": what, **of, "market": names.get("destination")} | change)
    return pa.Table.from_pylist(rows, schema=TABLES["changes"].arrow)


def demand_changes(before: Mapping[str, pa.Table], after: Mapping[str, pa.Table]) -> list[dict[str, Any]]:
    """Return where two runs plan for another demand, over the weeks that both plan, the largest differences first."""
    names = ["week", "sku", "market", "seller"]
    weeks = _common_weeks(before, after)
    sums = []
    for tables in (before, after):
        rows = tables["demand"].select([*names, "quantity"]).to_pandas()
        rows = rows[(rows["week"] >= weeks[0]) & (rows["week"] <= weeks[1])] if weeks else rows[:0]
        sums.append(rows.groupby(names)["quantity"].sum())
    sides = pd.concat(sums, axis=1, keys=["first", "second"]).fillna(0.0)
    sides["difference"] = sides["second"] - sides["first"]
    found = sides[sides["difference"].abs() > SMALL].reset_index()
    order = found["difference"].abs().sort_values(ascending=False, kind="stable").index
    rows_found: list[dict[str, Any]] = found.loc[order].to_dict("records")
    return rows_found


def _common_weeks(*runs: Mapping[str, pa.Table]) -> tuple[date, date] | None:
    """Return the first and the last week that all runs plan, None where there is none."""
    spans = []
    for tables in runs:
        # Where nothing is made the table load has no rows.
        known = next((tables[name] for name in ("load", "demand") if name in tables and tables[name].num_rows), None)
        if known is None:
            return None
        found = pc.min_max(known["week"]).as_py()
        spans.append((found["min"], found["max"]))
    first, last = max(span[0] for span in spans), min(span[1] for span in spans)
    return (first, last) if first <= last else None


def _by_place(table: pa.Table | None, keys: list[str], weeks: tuple[date, date] | None) -> pd.Series:
    names = [*keys, "week"]
    if table is None or weeks is None:
        return pd.Series(
            dtype=float, index=pd.MultiIndex.from_arrays([[] for _ in names], names=names), name="quantity"
        )
    rows = table.filter(pc.equal(table["plan"], "joint")).select([*names, "quantity"]).to_pandas()
    rows = rows[(rows["week"] >= weeks[0]) & (rows["week"] <= weeks[1])]
    total: pd.Series = rows.groupby(names)["quantity"].sum()
    return total


def _matched(cells: pd.DataFrame, place: str) -> Iterable[dict[str, Any]]:
    """Match decreases with increases, first with first; of what is left of one, the least that counts is dropped."""
    least = cells["least"].iloc[0]
    cells = cells.sort_values(["week", place])
    less = [[row[place], row["week"], -row["quantity"]] for row in cells.to_dict("records") if row["quantity"] < 0]
    more = [[row[place], row["week"], row["quantity"]] for row in cells.to_dict("records") if row["quantity"] > 0]
    while less and more:
        units = min(less[0][2], more[0][2])
        yield _change("moved", units, less[0], more[0])
        for side in (less, more):
            side[0][2] -= units
            if side[0][2] <= least:
                side.pop(0)
    for cell in less:
        yield _change("dropped", cell[2], cell, None)
    for cell in more:
        yield _change("added", cell[2], None, cell)


def _change(change: str, units: float, old: list[Any] | None, new: list[Any] | None) -> dict[str, Any]:
    return {
        "change": change,
        "quantity": round(units, 4),
        "from_place": old and old[0],
        "from_week": old and old[1],
        "to_place": new and new[0],
        "to_week": new and new[1],
    }
