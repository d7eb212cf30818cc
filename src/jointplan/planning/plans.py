"""The three plans of a cluster, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from jointplan.contracts import NEVER, Progress, Stop, silent
from jointplan.engine import Tables
from jointplan.errors import UsageError
from jointplan.planning.again import plan_again
from jointplan.planning.carrying import carry_over
from jointplan.planning.granting import granting
from jointplan.planning.model import Frozen, build_model
from jointplan.planning.network import Network, build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.prices import hour_prices
from jointplan.planning.problem import Bools, ClusterProblem
from jointplan.planning.proof import gain_interval
from jointplan.planning.purses import told_of_money
from jointplan.planning.reading.prepared import Prepared, prepare
from jointplan.planning.reading.wanted import DemandFactor
from jointplan.planning.results import plan_tables
from jointplan.planning.rights import MEASURES, Rights, coalition_rights, maker_owner, separate_rights
from jointplan.planning.settings import PlanSettings
from jointplan.planning.solving.search import search_plan
from jointplan.planning.valuing import (
    FamilyPlanner,
    asked_sets,
    effective,
    measure_rows,
    measure_table,
    pair_rows,
    paired_sets,
    plan_family,
    short_weeks,
    tightened,
)
from jointplan.planning.why import reason_tables, undone_steps
from jointplan.schema import Assumption
from jointplan.schema.measures import called
from jointplan.solvers import SolveOptions, Status
from jointplan.texts import language, tr


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
    ended_early : bool
        Whether the user ended the search: the plans are the best found by then.
    idle : tuple of str
        Measures that were asked for and have nothing to work on.
    """

    plans: dict[str, ClusterPlan]
    tables: dict[str, pa.Table]
    assumptions: tuple[Assumption, ...]
    verdict: str
    hub: dict[str, float]
    ended_early: bool = False
    idle: tuple[str, ...] = ()

    @property
    def joint_searched(self) -> bool:
        """Whether the joint plan was looked for: not where the user ended the search before; then it is what it would have begun from."""
        report = self.plans["joint"].report
        return report.searched or report.status is Status.OPTIMAL

    def value(self, plan: str) -> float | None:
        """Return what a plan is worth, None where there is no such plan."""
        return self.plans[plan].value if plan in self.plans else None

    def upper(self, plan: str) -> float | None:
        """Return a value that no plan of this kind exceeds, None where none is proven."""
        return self.plans[plan].upper if plan in self.plans else None

    def gain_interval(self) -> tuple[float | None, float | None]:
        """Return the least and the most that is proven to be gained by planning together, None where nothing is."""
        return gain_interval(self.plans["joint"], self.plans["separate"])


def plan_coalition(
    problem: ClusterProblem,
    rights: Rights,
    options: SolveOptions,
    *,
    separate: ClusterPlan | None = None,
    start: ClusterPlan | None = None,
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
        and deliveries, their orders of materials, and what they make for or buy from members, stay as they are.
    start : ClusterPlan, optional
        A better plan to start from, of the same members sharing no more.
    progress, name : Progress, str
        Whom to tell, and what the plan is called.
    """
    network = build_network(problem, rights)
    known = separate if start is None else start
    begun = None if known is None else carry_over(known, rights, network)
    problem = granting(problem, rights, network, begun)
    begun = None if begun is None else replace(begun, problem=problem)
    frozen = held_by_outsiders(problem, rights, network, separate)
    model = build_model(problem, rights, network, frozen)
    in_time = not options.stop.asked
    plan = search_plan(model, options, start=begun, frozen=frozen, progress=progress, name=name)
    return replace(plan, report=replace(plan.report, searched=in_time))


def held_by_outsiders(
    problem: ClusterProblem, rights: Rights, network: Network, separate: ClusterPlan | None
) -> Frozen | None:
    """Return what owners outside the coalition keep doing as in the separate plans; None where nobody is outside."""
    if separate is None or rights.members.all() or not rights.cooperative:
        return None
    return _outsiders(problem, rights, carry_over(separate, rights, network))


def _outsiders(problem: ClusterProblem, rights: Rights, start: ClusterPlan) -> Frozen:
    """Hold what outsiders make, send, hand over and order, and what is made across the border."""
    net = start.network
    inside = np.append(rights.members, False)
    pooled = len(problem.owner)
    holder = net.commodity_class
    member = np.where(holder == pooled, True, inside[np.minimum(holder, pooled - 1)])
    within = member & (inside[maker_owner(problem)[net.commodity_product]] | (problem.maker[net.commodity_product] < 0))
    sold = member[net.sink_commodity[net.series_sink]]
    buyer = net.buying.bin_class[net.buying.purchase_bin]
    ordered = (buyer == pooled) | inside[np.minimum(buyer, pooled - 1)]

    # A lot is members' own where they may change what is made in it.
    working = np.zeros(len(net.lot_route), bool)
    working[net.supply_lot[within[net.supply_commodity]]] = True

    def held(free: Bools, values: np.ndarray) -> np.ndarray:
        return np.where(free[:, None], np.nan, values)

    return Frozen(
        make=held(within[net.supply_commodity], start.make),
        ship=held(member[net.arc_commodity], start.ship),
        serve=held(sold, start.serve),
        unmet=held(sold, start.unmet),
        buy=held(ordered, start.bought),
        keep=held(working[net.keeper_lot], start.kept),
        goods=~member,
    )


@dataclass(frozen=True)
class Questions:
    """What a run is asked beyond its three plans.

    Parameters
    ----------
    measures : bool
        What each measure is worth, alone and on top of the others.
    pairs : bool
        What each pair of measures is worth, on fewer weeks.
    """

    measures: bool = False
    pairs: bool = False


NO_QUESTIONS = Questions()

ANEW = Assumption(
    "earlier plan",
    "The lots of the earlier joint plan cannot all be made with what is known today: the joint plan is made anew.",
    "按目前所知，先前协同计划的批次无法全部生产：协同计划重新制定。",
    "capacity",
)
ENDED = Assumption(
    "search ended early",
    "The search was ended before its time was up: the plans are the best that were found by then.",
    "搜索在用完时间之前被用户结束：各计划为届时找到的最好结果。",
    "plan.solve.seconds",
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
    factors: Sequence[DemandFactor] = (),
    questions: Questions = NO_QUESTIONS,
    earlier: Mapping[str, pa.Table] | None = None,
    progress: Progress = silent,
    stop: Stop = NEVER,
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
    factors : sequence of DemandFactor
        What demand is multiplied by.
    questions : Questions
        What is asked beyond the plans.
    earlier : mapping, optional
        The tables **lots**, **shipments** and **purchases** of an earlier run, from whose joint plan the search starts.
    progress : Progress
        Whom to tell.
    stop : Stop
        Who may ask for the best plans found so far.

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
            tr("There is no measure {name}.", name=unknown[0]), tr("Choose among: {names}.", names=MEASURES)
        )

    def ready(weeks: int) -> Prepared:
        return prepare(
            tables,
            settings,
            currency=currency,
            start=start,
            weeks=weeks,
            replay=replay,
            seed=seed,
            factors=factors,
            members=members,
        )

    prepared = ready(weeks)
    problem = prepared.problem
    options = SolveOptions(
        seconds=settings.solve.seconds,
        gap=settings.solve.gap,
        nodes=settings.solve.nodes,
        threads=1,
        seed=seed,
        rounds=settings.solve.rounds,
        stop=stop,
    )
    assumptions = prepared.assumptions
    plans: dict[str, ClusterPlan] = {} if prepared.recorded is None else {"recorded": prepared.recorded}
    inside = _members(problem, members)
    rights = coalition_rights(problem, frozenset(measures), inside)
    sharing = _pooling(problem, rights)
    tables_of_measures: dict[str, pa.Table] = {}
    asked = effective(problem, measures)
    with stop.heard():
        separate = plan_coalition(
            problem, separate_rights(problem), options, progress=progress, name=tr("separate plans")
        )
        if sharing and asked and (questions.measures or questions.pairs):
            planner = _planner(options, progress)
            family = plan_family(problem, inside, asked_sets(asked), separate, planner)
            separate, joint = family.plan(()), family.plan(asked)
            rows = measure_rows(family, asked)
            if questions.pairs and len(asked) > 1:
                rows += _pair_rows(ready(short_weeks(weeks)).problem, inside, asked, options, planner, progress)
            tables_of_measures["measure_values"] = measure_table(rows)
        elif sharing:
            begin = None
            if earlier is not None:
                network = build_network(problem, rights)
                granted = granting(problem, rights, network, carry_over(separate, rights, network))
                frozen = held_by_outsiders(granted, rights, network, separate)
                begin = plan_again(granted, rights, earlier, start, options, frozen)
                assumptions += () if begin is not None else (ANEW,)
                begin = begin if begin is not None and begin.value > separate.value else None
            joint = plan_coalition(
                problem, rights, options, separate=separate, start=begin, progress=progress, name=tr("joint plan")
            )
            separate = tightened(separate, joint)
        else:
            # Nobody to share with, or nothing: the joint plan is the separate one.
            joint = separate
    assumptions += (*told_of_money(problem, joint.rights), *((ENDED,) if stop.asked else ()))
    plans |= {"separate": separate, "joint": joint}
    results = plan_tables(plans, start, prepared.firms) | tables_of_measures
    results["demand"] = prepared.demand_table()
    progress(tr("Pricing the hours"))
    prices = hour_prices(
        joint, replace(options, stop=NEVER), frozen=held_by_outsiders(problem, joint.rights, joint.network, separate)
    )
    if prices is not None:
        results |= reason_tables(joint, "joint", prices, start, undone_steps(tables))
    idle = tuple(measure for measure in measures if measure not in asked) if sharing else ()
    return PlanSet(plans, results, assumptions, _verdict(problem, plans), _hub(problem, plans), stop.asked, idle)


def _planner(options: SolveOptions, progress: Progress) -> FamilyPlanner:
    """Return how one plan of a family of measures is made."""

    def plan(rights: Rights, separate: ClusterPlan, start: ClusterPlan) -> ClusterPlan:
        names = called(sorted(rights.measures, key=MEASURES.index), language())
        return plan_coalition(
            separate.problem, rights, options, separate=separate, start=start, progress=progress, name=names
        )

    return plan


def _pair_rows(
    problem: ClusterProblem,
    inside: Bools | None,
    measures: tuple[str, ...],
    options: SolveOptions,
    planner: FamilyPlanner,
    progress: Progress,
) -> list[dict[str, Any]]:
    """Value pairs of measures on a model of fewer weeks."""
    separate = plan_coalition(problem, separate_rights(problem), options, progress=progress, name=tr("separate plans"))
    return pair_rows(plan_family(problem, inside, paired_sets(measures), separate, planner), measures)


def _members(problem: ClusterProblem, members: Sequence[str] | None) -> Bools | None:
    if members is None:
        return None
    unknown = sorted(set(members) - set(problem.owner))
    if unknown:
        raise UsageError(
            tr("There is no owner {name}.", name=unknown[0]), tr("Owners stand in the column owner of firms.")
        )
    return np.isin(np.array(problem.owner), list(members))


def _pooling(problem: ClusterProblem, rights: Rights) -> bool:
    """Whether two members or more take part, so that what they share could change anything."""
    p = problem
    # Who sells or makes what is wanted, has some of it, or has lots that are decided.
    found = np.zeros(len(p.owner), bool)
    found[p.firm_owner[p.series_seller]] = True
    makers = p.maker[p.series_product]
    found[p.firm_owner[makers[makers >= 0]]] = True
    found[p.opening.owner[np.isin(p.opening.product, p.series_product)]] = True
    found[p.approved.owner] = True
    if not rights.cooperative or (found & rights.members).sum() > 1:
        return rights.cooperative
    return bool(((found | _partners(p, rights)) & rights.members).sum() > 1)


def _partners(problem: ClusterProblem, rights: Rights) -> Bools:
    """Return the owners that rights let work on what is wanted, learn or be opened for it, license its design, lend, or have material for it; (O,)."""
    p, net = problem, build_network(problem, rights)
    found = np.zeros(len(p.owner), bool)
    wanted = np.isin(net.commodity_product, p.series_product)[net.supply_commodity]
    routes = np.unique(net.supply_route[net.supply_granted & wanted])
    found |= p.route_owners[routes].any(axis=0)
    designs = p.route_design[routes]
    found[p.firm_owner[p.designs.firm[designs[designs >= 0]]]] = True
    bought_together = net.buying.bin_class[net.buying.purchase_bin] == len(p.owner)
    holder = p.materials.offer_firm[net.buying.purchase_offer[bought_together]]
    found[p.firm_owner[holder[holder >= 0]]] = True
    together = net.purses.of_class[-1]
    if p.credit is not None and together >= 0:  # what one has left serves the others
        found[p.credit.owner[net.purses.of_class[p.credit.owner] == together]] = True
    return found


def _verdict(problem: ClusterProblem, plans: dict[str, ClusterPlan]) -> str:
    """Say what is proven: a difference smaller than the proof's reach is no gain."""
    if not _pooling(problem, coalition_rights(problem, frozenset(MEASURES))):
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
