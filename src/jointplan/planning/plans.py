"""The three plans of a cluster, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from jointplan.contracts import Progress, silent
from jointplan.engine import Tables
from jointplan.errors import NoResultError, UsageError
from jointplan.planning.defaults import complete_tables
from jointplan.planning.model import Frozen, build_model, carry_over
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Bools, ClusterProblem
from jointplan.planning.recorded import recorded_opening, recorded_plan
from jointplan.planning.results import plan_tables
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, maker_owner, separate_rights
from jointplan.planning.search import search_plan
from jointplan.planning.settings import PlanSettings
from jointplan.planning.tables import build_problem, exchange_rates
from jointplan.planning.wanted import coming_demand, sold_demand
from jointplan.schema import TABLES, Assumption
from jointplan.solvers import SolveOptions
from jointplan.texts import tr


@dataclass(frozen=True)
class PlanSet:
    """The plans made of one demand.

    Parameters
    ----------
    plans : dict
        ``recorded`` (where it is known), ``separate`` and ``joint``.
    tables : dict
        The result tables, see the schema.
    assumptions : tuple of Assumption
        What the plans assumed.
    verdict : str
        ``gain``, ``loss``, ``not_distinguishable``; ``one_owner`` or ``nothing_shared`` where it is zero by definition.
    hub : dict
        ``weekly_cost`` of the cooperation, and ``break_even_weekly_cost`` at which its gain vanishes.
    """

    plans: dict[str, ClusterPlan]
    tables: dict[str, pa.Table]
    assumptions: tuple[Assumption, ...]
    verdict: str
    hub: dict[str, float]

    def value(self, plan: str) -> float | None:
        """Return what a plan is worth, None where there is no such plan."""
        return self.plans[plan].value if plan in self.plans else None

    def upper(self, plan: str) -> float | None:
        """Return a value that no plan of this kind exceeds, None where none is proven."""
        return self.plans[plan].upper if plan in self.plans else None


def plan_coalition(
    problem: ClusterProblem,
    rights: Rights,
    options: SolveOptions,
    *,
    separate: ClusterPlan | None = None,
    progress: Progress = silent,
    name: str = "",
) -> ClusterPlan:
    """Plan one coalition.

    Parameters
    ----------
    problem, rights : ClusterProblem, Rights
        The cluster, and who shares what.
    options : SolveOptions
        Limits.
    separate : ClusterPlan, optional
        The separate plans. They are where the search starts, and what outsiders of the coalition keep doing: their lots
        and deliveries, and what they make for or buy from members, stay as they are.
    progress, name : Progress, str
        Whom to tell, and what the plan is called.
    """
    network = build_network(problem, rights)
    start = None if separate is None else carry_over(separate, rights, network)
    frozen = None
    if start is not None and not rights.members.all() and rights.cooperative:
        frozen = _outsiders(problem, rights, start)
    model = build_model(problem, rights, network, frozen)
    return search_plan(model, options, start=start, frozen=frozen, progress=progress, name=name)


def _outsiders(problem: ClusterProblem, rights: Rights, start: ClusterPlan) -> Frozen:
    """Hold what outsiders make, send and hand over, and what is made across the border."""
    net = start.network
    inside = np.append(rights.members, False)
    pooled = len(problem.owner)
    holder = net.commodity_class
    member = np.where(holder == pooled, True, inside[np.minimum(holder, pooled - 1)])
    within = member & (inside[maker_owner(problem)[net.commodity_product]] | (problem.maker[net.commodity_product] < 0))
    sold = member[net.sink_commodity[net.series_sink]]

    def held(free: Bools, values: np.ndarray) -> np.ndarray:
        return np.where(free[:, None], np.nan, values)

    return Frozen(
        make=held(within[net.supply_commodity], start.make),
        ship=held(member[net.arc_commodity], start.ship),
        serve=held(sold, start.serve),
        unmet=held(sold, start.unmet),
    )


def make_plans(
    tables: Tables,
    settings: PlanSettings,
    *,
    currency: str,
    start: date,
    weeks: int,
    replay: bool,
    measures: Sequence[str] = MEASURES,
    members: Sequence[str] | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> PlanSet:
    """Make the separate and the joint plan, and cost the recorded one, for the same demand.

    Parameters
    ----------
    tables : Tables
        Checked tables, with ``weekly`` sales and, looking ahead, ``forecasts``.
    settings : PlanSettings
        Costs and limits.
    currency : str
        Currency of the run.
    start, weeks : date, int
        Monday of the first week, and how many are planned.
    replay : bool
        Whether the weeks are past and the demand is what was really sold.
    measures : sequence of str
        What the members share in the joint plan.
    members : sequence of str, optional
        Owners that plan together; all by default.
    seed : int
        Seed of all random choices.
    progress : Progress
        Whom to tell.

    Raises
    ------
    NoResultError
        If there is no demand in the weeks planned.
    UsageError
        If a measure or a member is not known.
    """
    unknown = sorted(set(measures) - set(MEASURES))
    if unknown:
        raise UsageError(
            tr("There is no measure {name}.", name=unknown[0]), tr("Choose among: {names}.", names=", ".join(MEASURES))
        )
    tables, assumed = complete_tables(tables, settings)
    money = exchange_rates(tables, currency, start)
    demand = (
        sold_demand(tables, start=start, weeks=weeks)
        if replay
        else coming_demand(tables, money=money, start=start, weeks=weeks, seed=seed)
    )
    if demand.empty:
        raise NoResultError(
            tr("There is no demand in the weeks planned."),
            tr("Check the dates in sales, or set horizon.start and horizon.replay."),
        )
    problem = build_problem(tables, settings, demand, money=money, start=start, weeks=weeks, opening=not replay)
    options = SolveOptions(
        seconds=settings.solve.seconds, gap=settings.solve.gap, nodes=settings.solve.nodes, threads=1, seed=seed
    )
    plans: dict[str, ClusterPlan] = {}
    if replay and "recorded" in tables:
        recorded = tables.frame("recorded")
        problem = problem.with_opening(recorded_opening(problem, recorded, tables.frame("weekly"), start))
        assumed = [row for row in assumed if row.item != "stock"] + [_opening_assumption(problem)]
        plans["recorded"] = recorded_plan(problem, recorded, start)
    plans["separate"] = plan_coalition(
        problem, separate_rights(problem), options, progress=progress, name=tr("separate plans")
    )
    inside = _members(problem, members)
    rights = coalition_rights(problem, frozenset(measures), inside)
    if _active_owners(problem) > 1 and rights.cooperative:
        plans["joint"] = plan_coalition(
            problem, rights, options, separate=plans["separate"], progress=progress, name=tr("joint plan")
        )
    else:
        # Nobody to share with, or nothing: the joint plan is the separate one.
        plans["joint"] = plans["separate"]
    results = plan_tables(plans, start, tables["firms"])
    frame = demand[TABLES["demand"].arrow.names]
    results["demand"] = pa.Table.from_pandas(frame, schema=TABLES["demand"].arrow, preserve_index=False)
    return PlanSet(plans, results, tuple(assumed), _verdict(problem, plans), _hub(problem, plans))


def _opening_assumption(problem: ClusterProblem) -> Assumption:
    return Assumption(
        "stock",
        "What the rows of recorded before the first week left at each place, under way and unsold; alike in every plan.",
        "首周之前的实际执行记录在各地点留下的库存、在途与未售货物；各计划相同。",
        "recorded",
        value=f"{problem.opening.units.sum():g}",
        unit="units",
    )


def _members(problem: ClusterProblem, members: Sequence[str] | None) -> Bools | None:
    if members is None:
        return None
    unknown = sorted(set(members) - set(problem.owner))
    if unknown:
        raise UsageError(
            tr("There is no owner {name}.", name=unknown[0]), tr("Owners stand in the column owner of firms.")
        )
    return np.isin(np.array(problem.owner), list(members))


def _active_owners(problem: ClusterProblem) -> int:
    """Count the owners that make or sell something in these weeks."""
    makers = problem.maker[problem.series_product]
    active = set(problem.firm_owner[problem.series_seller].tolist())
    active |= set(problem.firm_owner[makers[makers >= 0]].tolist())
    return len(active)


def _verdict(problem: ClusterProblem, plans: dict[str, ClusterPlan]) -> str:
    """Say what is proven: a difference smaller than the proof's reach is no gain."""
    if _active_owners(problem) <= 1:
        return "one_owner"
    if not plans["joint"].rights.cooperative:
        return "nothing_shared"
    separate, joint = plans["separate"], plans["joint"]
    if separate.upper is not None and joint.value > separate.upper:
        return "gain"
    if joint.upper is not None and joint.upper < separate.value:
        return "loss"
    return "not_distinguishable"


def _hub(problem: ClusterProblem, plans: dict[str, ClusterPlan]) -> dict[str, float]:
    cost = problem.hub_cost if plans["joint"].rights.cooperative else 0.0
    gain = plans["joint"].value - plans["separate"].value
    return {"weekly_cost": cost, "break_even_weekly_cost": cost + gain / problem.weeks}
