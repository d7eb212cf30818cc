"""The cluster's supply as the tables tell it, and what the failure of each supplier and maker would cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.lock_in.spread import last_year
from jointplan.diagnosis.lock_in.survival import Exposure, Supply, exposure
from jointplan.diagnosis.materials import bought_in, makers_of
from jointplan.diagnosis.settings import LockInSettings
from jointplan.engine import Tables
from jointplan.schema import TABLES
from jointplan.texts import both, catalogue, some

MOST_PRODUCTS = 3000  # those that sell most
MOST_NODES = 400  # the suppliers and makers that can do most


@dataclass(frozen=True)
class Dependence:
    """Findings on dependence, and the table **diagnosis_dependence** where there is one."""

    findings: tuple[Finding, ...]
    table: pa.Table | None = None


def dependence(tables: Tables, settings: LockInSettings) -> Dependence:
    """Measure what the failure of each supplier and maker would cost, and how long the cluster would last."""
    makers = makers_of(tables)
    sold = _demand(tables, makers)
    if not len(sold):
        reason = unmeasured(
            "lock_in", "risk_exposure", "supply_chain",
            "What the failure of a maker or supplier would cost cannot be told: no product that was sold has a maker. Fill in products.maker.",
            "products.maker: 0",
        )  # fmt: skip
        return Dependence((reason,))
    demand = sold.head(MOST_PRODUCTS)
    supply, kinds = _supply(tables, demand, makers, settings)
    revenue = float((supply.demand * supply.worth).sum()) * settings.recover_weeks
    told = {"supplier"} if not {"operations", "capabilities"} <= set(tables) else {"supplier", "maker"}
    able = [n for n in np.argsort(-_sizes(supply), kind="stable") if kinds[n] in told]
    looked = np.array(able[:MOST_NODES], int)
    others = [] if "maker" in told else [_others_unknown()]
    others += [*_unsourced(tables), *_cut(sold, demand, len(able), len(looked))]
    if not len(looked):
        return Dependence(tuple(others))
    found = exposure(supply, settings.recover_weeks, [int(n) for n in looked])
    rows = f"products.maker: {len(demand)}, materials and sources: {len(supply.needs[0])}"
    if found.unsolved:
        others.append(_unsolved([supply.nodes[n] for n in looked], found, rows))
    known = np.isfinite(found.loss)
    if not known.any():
        return Dependence(tuple(others))
    looked, found = looked[known], Exposure(found.loss[known], found.weeks[known], found.base)
    table = _table(supply, kinds, looked, found)
    worst = int(np.argmax(found.loss))
    name, weeks = supply.nodes[looked[worst]], found.weeks[worst]
    share = float(found.loss[worst] / revenue) if revenue else 0.0
    values = {
        "name": name,
        "out": f"{settings.recover_weeks:g}",
        "share": f"{share:.0%}",
        "weeks": "∞" if np.isinf(weeks) else f"{weeks:.1f}",
    }
    said = (
        both("Whichever supplier or maker fails for {out} {out:week|weeks}, the others make up for it: no sale is lost.", **values)
        if found.loss[worst] <= 0
        else both("If {name} fails for {out} {out:week|weeks}, {share} of sales in them are lost, as there is no other; the first loss comes after {weeks} {weeks:week|weeks}.", **values)
        if len(able) == 1
        else both("If {name} fails for {out} {out:week|weeks}, {share} of sales in them are lost although all others help; the first loss comes after {weeks} {weeks:week|weeks}.", **values)
    )  # fmt: skip
    first = Finding(
        "lock_in", "risk_exposure", "supply_chain", *said, rows, name, share, "share", severity=min(1.0, share),
        measure="share_capacity,add_capability" if kinds[looked[worst]] == "maker" else "substitute_imports",
    )  # fmt: skip
    short = found.weeks < settings.recover_weeks
    said = (
        both("None of {all} suppliers and makers would be missed, however long they fail.", all=len(looked))
        if np.isinf(found.weeks.min())
        else both(
            "{n} of {all} suppliers and makers would be missed before they work again after {out} weeks; the shortest time to survive is {weeks} weeks ({name}).",
            n=int(short.sum()),
            all=len(looked),
            out=f"{settings.recover_weeks:g}",
            weeks=f"{found.weeks.min():.1f}",
            name=supply.nodes[looked[int(np.argmin(found.weeks))]],
        )
    )
    second = Finding(
        "lock_in", "time_to_survive", "supply_chain", *said, rows, "", float(short.mean()), "share",
        severity=float(short.mean()) * 0.6, measure="share_capacity,add_capability,substitute_imports",
    )  # fmt: skip
    return Dependence((first, second, *others), table)


def _others_unknown() -> Finding:
    return unmeasured(
        "lock_in", "maker_exposure", "supply_chain",
        "What the failure of a maker would cost cannot be told: who else could make its products is not known. Fill in the tables operations and capabilities.",
        "operations, capabilities: 0",
    )  # fmt: skip


def _unsolved(names: list[str], found: Exposure, rows: str) -> Finding:
    """Say for which nodes the linear programme has no answer: that is not the same as no loss."""
    english, chinese = both(
        "{n} of {all} suppliers and makers are left out, as their linear programmes ended without an answer ({names}): what their failure costs is not known."
    )
    first, more = list(found.unsolved.items())[:5], " …" if len(found.unsolved) > 5 else ""
    count, ways = {"n": len(found.unsolved), "all": len(names)}, catalogue("zh")
    return Finding(
        "lock_in", "unsolved_nodes", "supply_chain",
        english.format(**count, names=", ".join(f"{names[place]}: {status.value}" for place, status in first) + more),
        chinese.format(**count, names="、".join(f"{names[place]}：{ways[status.value]}" for place, status in first) + more),
        rows,
    )  # fmt: skip


def _cut(sold: pd.DataFrame, demand: pd.DataFrame, able: int, looked: int) -> list[Finding]:
    """Say what was too much to look at, and what was taken."""
    found = []
    if len(demand) < len(sold):
        found.append(
            unmeasured(
                "lock_in", "products_left_out", "supply_chain",
                "What failures cost is counted for the {most} {most:product|products} that sell most, {share} of sales; the other {n} are left out, as more takes too long.",
                f"weekly, products.maker: {len(demand)} of {len(sold)}", most=len(demand), n=len(sold) - len(demand),
                share=f"{demand['revenue'].sum() / max(sold['revenue'].sum(), 1e-9):.1%}",
            )
        )  # fmt: skip
    if looked < able:
        found.append(
            unmeasured(
                "lock_in", "nodes_left_out", "supply_chain",
                "The failure of the {most} suppliers and makers that can do most is looked at; the {n} smaller ones are left out, as more takes too long.",
                f"sources, capabilities: {looked} of {able}", most=looked, n=able - looked,
            )
        )  # fmt: skip
    return found


def _demand(tables: Tables, makers: pd.DataFrame) -> pd.DataFrame:
    """Return sku, family, units and money a week of the products that are made, the largest first."""
    weekly = last_year(tables.frame("weekly", "week", "sku", "quantity", "revenue"))
    weeks = max(weekly["week"].nunique(), 1)
    sold = weekly.groupby("sku", as_index=False)[["quantity", "revenue"]].sum()
    sold = sold[sold["sku"].isin(makers["sku"])].merge(tables.frame("products", "sku", "family"), on="sku")
    sold = sold[sold["quantity"] > 0].sort_values("revenue", ascending=False, kind="stable")
    return sold.assign(quantity=sold["quantity"] / weeks, revenue=sold["revenue"] / weeks).reset_index(drop=True)


def _hours(tables: Tables, demand: pd.DataFrame) -> pd.DataFrame | None:
    """Return sku, process and hours of a unit, a product's own routing before its family's."""
    if "operations" not in tables:
        return None
    rows = tables.frame("operations", "sku", "family", "process", "hours")
    own = rows[rows["sku"].notna()][["sku", "process", "hours"]]
    general = rows[rows["sku"].isna()].drop(columns="sku").merge(demand[["sku", "family"]], on="family")
    general = general[~general["sku"].isin(own["sku"])][["sku", "process", "hours"]]
    return pd.concat([own, general]).groupby(["sku", "process"], as_index=False)["hours"].sum()


def _able(tables: Tables, demand: pd.DataFrame, makers: pd.DataFrame, hours: pd.DataFrame | None) -> pd.DataFrame:
    """Return sku and maker: who makes it, and whoever can do every process of the product."""
    present = demand[["sku"]].merge(makers, on="sku")[["sku", "maker"]]
    if hours is None or "capabilities" not in tables:
        return present
    can = tables.frame("capabilities", "firm", "process", "family", "sku")
    steps = hours.merge(demand[["sku", "family"]], on="sku").merge(can, on="process", suffixes=("", "_can"))
    fits = (steps["family_can"].isna() | (steps["family_can"] == steps["family"])) & (
        steps["sku_can"].isna() | (steps["sku_can"] == steps["sku"])
    )
    done = steps[fits].groupby(["sku", "firm"])["process"].nunique().rename("done").reset_index()
    needed = hours.groupby("sku")["process"].nunique().rename("needed").reset_index()
    whole = done.merge(needed, on="sku")
    others = whole.loc[whole["done"] >= whole["needed"], ["sku", "firm"]].rename(columns={"firm": "maker"})
    return pd.concat([present, others]).drop_duplicates().reset_index(drop=True)


def _supply(
    tables: Tables, demand: pd.DataFrame, made: pd.DataFrame, settings: LockInSettings
) -> tuple[Supply, list[str]]:
    """Put the tables together: who can make which product out of which materials, and who can supply these."""
    hours = _hours(tables, demand)
    able = _able(tables, demand, made, hours)
    bill = bought_in(tables) if "materials" in tables else pd.DataFrame({"sku": [], "material": [], "quantity": []})
    bill = bill[bill["sku"].isin(demand["sku"])]
    use = bill.merge(demand[["sku", "quantity"]], on="sku", suffixes=("", "_sold"))
    use = (use["quantity"] * use["quantity_sold"]).groupby(use["material"]).sum()
    offers = (
        tables.frame("sources", "material", "supplier").drop_duplicates()
        if "sources" in tables
        else pd.DataFrame({"material": [], "supplier": []})
    )
    offers = offers[offers["material"].isin(use.index)]
    bill = bill[bill["material"].isin(offers["material"])]  # what no row supplies cannot fail
    materials = pd.Index(sorted(offers["material"].unique()))
    things = pd.Index([*demand["sku"], *(f"material:{m}" for m in materials)])
    makers, suppliers = sorted(able["maker"].unique()), sorted(offers["supplier"].unique())
    nodes = [*makers, *suppliers]
    number = {("maker", m): i for i, m in enumerate(makers)} | {
        ("supplier", s): len(makers) + i for i, s in enumerate(suppliers)
    }
    making = np.arange(len(able))
    delivering = len(able) + np.arange(len(offers))
    needs = able.assign(activity=making).merge(bill, on="sku")
    # A supplier can deliver what it delivers now and some more; who shares a material shares its use alike.
    share = use.reindex(offers["material"]).to_numpy() / offers.groupby("material")["supplier"].transform(
        "count"
    ).to_numpy(float)
    work, limits = _limits(tables, demand, made, able, hours, settings)
    room = (
        np.concatenate([work["activity"].to_numpy(np.int64), delivering]),
        np.concatenate([work["limit"].to_numpy(np.int64), len(limits) + np.arange(len(offers))]),
        np.concatenate([work["amount"].to_numpy(float), np.ones(len(offers))]),
    )
    stock = np.concatenate([_on_hand(tables, demand), settings.stock_weeks * use.reindex(materials).to_numpy(float)])
    supply = Supply(
        np.concatenate([things.get_indexer(able["sku"]), things.get_indexer([f"material:{m}" for m in offers["material"]])]).astype(np.int64),
        np.array([*(number["maker", m] for m in able["maker"]), *(number["supplier", s] for s in offers["supplier"])], np.int64),
        (
            needs["activity"].to_numpy(np.int64),
            things.get_indexer([f"material:{m}" for m in needs["material"]]).astype(np.int64),
            needs["quantity"].to_numpy(float),
        ),
        room,
        np.concatenate([limits, share * (1 + settings.spare_share)]),
        stock,
        np.concatenate([demand["quantity"].to_numpy(float), np.zeros(len(materials))]),
        np.concatenate([(demand["revenue"] / demand["quantity"]).to_numpy(float), np.zeros(len(materials))]),
        tuple(str(n) for n in nodes),
    )  # fmt: skip
    return supply, ["maker"] * len(makers) + ["supplier"] * len(suppliers)


def _limits(
    tables: Tables,
    demand: pd.DataFrame,
    made: pd.DataFrame,
    able: pd.DataFrame,
    hours: pd.DataFrame | None,
    settings: LockInSettings,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return what each making takes of its maker's limits, and the limits a week: hours where they are given, else output.

    No limit is below what is needed today: a cluster that copes now would otherwise fail although nothing fails.
    """
    rows = able.assign(activity=np.arange(len(able)))
    if hours is not None and "capacity" in tables:
        rows = rows.merge(hours, on="sku").rename(columns={"hours": "amount"})
        have = tables.frame("capacity", "firm", "process", "week", "hours", "overtime_hours")
        have["total"] = have["hours"] + have["overtime_hours"].fillna(0.0)
        usual = have.groupby(["firm", "process"])["total"].median()
    else:
        rows = rows.merge(demand[["sku", "revenue", "quantity"]], on="sku")
        rows["amount"], rows["process"] = rows["revenue"] / rows["quantity"], ""
        usual = pd.Series(dtype=float)
    today = rows.merge(made, on=["sku", "maker"]).merge(demand[["sku", "quantity"]], on="sku", suffixes=("", "_now"))
    sold = today["quantity_now"] if "quantity_now" in today else today["quantity"]
    needed = (today["amount"] * sold * today["part"]).groupby([today["maker"], today["process"]]).sum()
    keys = pd.MultiIndex.from_frame(rows[["maker", "process"]].drop_duplicates())
    now = needed.reindex(keys, fill_value=0.0).to_numpy(float)
    given = usual.reindex(keys).to_numpy(float) if len(usual) else np.full(len(keys), np.nan)
    limits = np.where(np.isnan(given), now * (1 + settings.spare_share), np.maximum(given, now))
    rows = rows.assign(limit=keys.get_indexer(pd.MultiIndex.from_frame(rows[["maker", "process"]])))
    return rows[["activity", "limit", "amount"]], limits


def _on_hand(tables: Tables, demand: pd.DataFrame) -> np.ndarray:
    if "stock" not in tables:
        return np.zeros(len(demand))
    stock = tables.frame("stock", "sku", "quantity", "arrives")
    held = stock[stock["arrives"].isna()].groupby("sku")["quantity"].sum()
    return np.asarray(held.reindex(demand["sku"], fill_value=0.0).to_numpy(float))


def _sizes(supply: Supply) -> np.ndarray:
    """Return how much each node could do, in its own limits: what is looked at first where there are very many."""
    activity, limit, _ = supply.room
    first = np.unique(np.column_stack([supply.node[activity], limit]), axis=0)
    return np.bincount(first[:, 0], supply.limits[first[:, 1]], len(supply.nodes))


def _unsourced(tables: Tables) -> list[Finding]:
    """Say which materials no row supplies: their failure is not counted."""
    if "materials" not in tables:
        return [
            unmeasured(
                "lock_in", "materials", "supply_chain",
                "The failure of suppliers is not counted: there is no bill of materials. Fill in the tables materials and sources.",
                "materials: 0",
            )
        ]  # fmt: skip
    needed = set(bought_in(tables)["material"])
    given = set(tables["sources"]["material"].to_pylist()) if "sources" in tables else set()
    missing = sorted(needed - given)
    if not missing:
        return []
    return [
        unmeasured(
            "lock_in", "materials", "supply_chain",
            "{n} {n:material has|materials have} no source ({names}): their failure is not counted. Fill in the table sources.",
            f"materials: {len(needed)}, sources: {len(given)}", n=len(missing), names=some(missing),
        )
    ]  # fmt: skip


def _table(supply: Supply, kinds: list[str], looked: np.ndarray, found: Exposure) -> pa.Table:
    rows = [
        {
            "node": supply.nodes[node],
            "kind": kinds[node],
            "loss": float(found.loss[i]),
            "risk_index": float(found.index[i]),
            "weeks_to_survive": None if np.isinf(found.weeks[i]) else float(found.weeks[i]),
        }
        for i, node in enumerate(looked)
    ]
    rows.sort(key=lambda row: -row["loss"])
    return pa.Table.from_pylist(rows, TABLES["diagnosis_dependence"].arrow)
