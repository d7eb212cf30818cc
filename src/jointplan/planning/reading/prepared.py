"""From checked tables to the problem that all plans of a run share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd
import pyarrow as pa

from jointplan.engine import Tables
from jointplan.errors import NoResultError
from jointplan.planning.approved import DECIDED, with_approved
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import SUPPLY, ClusterProblem
from jointplan.planning.reading.defaults import complete_tables
from jointplan.planning.reading.money import exchange_rates
from jointplan.planning.reading.offers import NO_OFFERS
from jointplan.planning.reading.recorded import recorded_opening, recorded_plan
from jointplan.planning.reading.tables import build_problem
from jointplan.planning.reading.wanted import (
    DemandFactor,
    coming_demand,
    open_orders,
    order_assumptions,
    paid_demand,
    scaled_demand,
    sold_demand,
)
from jointplan.planning.safety import with_safety_stock
from jointplan.planning.settings import PlanSettings
from jointplan.schema import TABLES, Assumption
from jointplan.texts import tr

FREE_HUB = Assumption(
    "plan.hub.share",
    "Running the cooperation is taken to cost nothing: it is a share of what members sell, and they sell nothing that has a price.",
    "协同运营视为没有费用：费用按成员销售额的比例计，而成员没有销售任何有价格的货物。",
    "plan.hub.weekly_cost",
    value="0",
    unit="money",
)

NOT_IN_REPLAYS = Assumption(
    "material_stock",
    "What firms have on hand of materials is counted in plans of coming weeks only: of the past weeks that are replayed it says nothing.",
    "企业现有物料只在未来各周的计划中计入：它不说明所回放的过去各周。",
    "horizon.replay",
)

NOT_COUNTED = Assumption(
    "recorded plan",
    "Not counted: so many units were made of materials that no source is left of, and what they would cost is not known.",
    "不计入：有这么多件是用已无货源的物料制成的，其成本无从得知。",
    "recorded",
)


@dataclass(frozen=True)
class Prepared:
    """What all plans of a run share.

    Parameters
    ----------
    problem : ClusterProblem
        The problem.
    demand : DataFrame
        The demand it is made for.
    assumptions : tuple of Assumption
        What was assumed on the way.
    recorded : ClusterPlan or None
        What was really done in these weeks, where it is known.
    start : date
        Monday of the first week.
    firms : Table
        The table **firms**.
    """

    problem: ClusterProblem
    demand: pd.DataFrame
    assumptions: tuple[Assumption, ...]
    recorded: ClusterPlan | None
    start: date
    firms: pa.Table

    def demand_table(self) -> pa.Table:
        """Return the demand as the result table **demand**."""
        schema = TABLES["demand"].arrow
        return pa.Table.from_pandas(self.demand[schema.names], schema=schema, preserve_index=False)


def prepare(
    tables: Tables,
    settings: PlanSettings,
    *,
    currency: str,
    start: date,
    weeks: int,
    replay: bool,
    seed: int = 0,
    factors: Sequence[DemandFactor] = (),
    members: Sequence[str] | None = None,
) -> Prepared:
    """Complete the tables, find the demand, and write both as a problem.

    Parameters
    ----------
    tables : Tables
        Checked tables, with ``weekly`` sales and, looking ahead, ``forecasts``.
    settings : PlanSettings
        Costs and rules.
    currency : str
        Currency of the run.
    start, weeks : date, int
        Monday of the first week, and how many are planned.
    replay : bool
        Whether the weeks are past and the demand is what was really sold.
    seed : int
        Seed of the rounding of demand.
    factors : sequence of DemandFactor
        What demand is multiplied by.
    members : sequence of str, optional
        Owners that plan together; all by default.

    Raises
    ------
    NoResultError
        If there is no demand in the weeks planned.
    """
    tables, assumed = complete_tables(tables, settings)
    money = exchange_rates(tables, currency, start)
    demand = (
        sold_demand(tables, start=start, weeks=weeks)
        if replay
        else coming_demand(tables, money=money, start=start, weeks=weeks, seed=seed)
    )
    last = pd.Timestamp(start) + pd.Timedelta(weeks=weeks)
    wanted = demand[demand["week"] < last]
    demand = scaled_demand(wanted, factors)
    if demand.empty:
        cure = tr("Check the dates in sales, or set horizon.start and horizon.replay.")
        if not wanted.empty:
            cure = tr("The what-ifs take all of it away: let them leave some.")
        raise NoResultError(tr("There is no demand in the weeks planned."), cure)
    if not replay:
        assumed += order_assumptions(open_orders(tables, money=money, start=start, weeks=weeks))
    # Nobody entered a market, or ran a campaign, in weeks that are past.
    offers = NO_OFFERS
    if not replay:
        offers = paid_demand(tables, wanted, money=money, start=start, weeks=weeks, factors=factors)
    problem = build_problem(
        tables,
        settings,
        demand,
        money=money,
        start=start,
        weeks=weeks,
        opening=not replay,
        offers=offers,
        members=members,
    )
    if settings.hub.weekly_cost is None and settings.hub.share and not problem.hub_cost:
        assumed = [*assumed, FREE_HUB]
    if "approved" in tables:
        problem, left_out = with_approved(problem, tables.frame("approved"), start)
        assumed = [*assumed, *([DECIDED] if len(problem.approved.route) else []), *left_out]
    # In weeks that are past all demand is known: nothing is there to be safe against.
    if not replay and "protection" in tables:
        problem = with_safety_stock(problem, tables.frame("protection"))
    if replay and "material_stock" in tables:
        assumed = [*assumed, NOT_IN_REPLAYS]
    done = None
    if replay and "recorded" in tables:
        recorded = tables.frame("recorded")
        problem = problem.with_opening(recorded_opening(problem, recorded, tables.frame("weekly"), start))
        assumed = [row for row in assumed if row.item != "stock"] + [_opening_assumption(problem)]
        if uncounted := _made_of_what_is_gone(tables, recorded, start, weeks):
            assumed = [*assumed, replace(NOT_COUNTED, value=f"{uncounted:g}", unit="units")]
        else:
            done = recorded_plan(problem, recorded, start)
    return Prepared(problem, demand, tuple(assumed), done, start, tables["firms"])


def _made_of_what_is_gone(tables: Tables, recorded: pd.DataFrame, start: date, weeks: int) -> float:
    """Return the units made in the weeks planned of products that need a material of which no source is left."""
    steps = tables.frame("operations")[["sku", "process"]].dropna()
    gone = steps.loc[steps["process"].str.startswith(SUPPLY), "sku"]
    days = pd.to_datetime(recorded["date"]) - pd.Timestamp(start)
    planned = (days >= pd.Timedelta(0)) & (days < pd.Timedelta(weeks=weeks))
    made = planned & (recorded["activity"] == "make") & recorded["sku"].isin(gone)
    return float(recorded.loc[made, "quantity"].sum())


def _opening_assumption(problem: ClusterProblem) -> Assumption:
    return Assumption(
        "stock",
        "What the rows of recorded before the first week left at each place, under way and unsold; alike in every plan.",
        "首周之前的实际执行记录在各地点留下的库存、在途与未售货物；各计划相同。",
        "recorded",
        value=f"{problem.opening.units.sum():g}",
        unit="units",
    )
