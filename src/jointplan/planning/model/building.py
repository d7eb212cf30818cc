"""The whole model, family by family: columns are numbered and rules are written in the order that stands here."""

from __future__ import annotations

from dataclasses import dataclass

from jointplan.planning.loads import Loads
from jointplan.planning.model.buying import materials_are_bought
from jointplan.planning.model.columns import Columns, Flows
from jointplan.planning.model.flows import (
    add_flows,
    demand_balances,
    leftovers_lose_worth,
    sinks_balance,
    stock_balances,
)
from jointplan.planning.model.keeping import setups_are_kept
from jointplan.planning.model.making import (
    add_setups,
    capacity_holds,
    kept_hours_hold,
    lots_need_runs,
    lots_need_setups,
    minimum_batches_hold,
)
from jointplan.planning.model.moving import lanes_have_space, loads_are_charged, rooms_hold, throughput_holds
from jointplan.planning.model.paying import money_is_counted
from jointplan.planning.model.scope import Frozen, Scope
from jointplan.planning.model.unlocking import unlock
from jointplan.planning.network import Network
from jointplan.planning.problem import ClusterProblem, Floats, Ints
from jointplan.planning.rights import Rights
from jointplan.solvers import LinearModel, ModelBuilder


@dataclass(frozen=True)
class LimitRows:
    """The row numbers of limits on goods; −1 where there is none.

    ``room`` and ``intake`` (N, T) are of what places hold and take in, ``space`` (3, spaces, T) of what leaves on lanes: in kg and in
    m³ of containers, and in basis units where the lane does not charge by the container.
    """

    room: Ints
    intake: Ints
    space: Ints


@dataclass(frozen=True)
class PlanModel:
    """A model, and how to read a plan from its columns.

    ``capacity`` (M, T) are the row numbers of the hours, ``limits`` those of rooms and lanes; ``ship_limit`` (A, T) is the most that could be of use on an arc
    in a week, ``most_sent`` (A, T) the most that leaves there, with what outsiders send; ``floor`` (K, T) is what is decided to be made; ``largest`` (E, T) bounds each lot,
    ``fits`` (E, T) is what its workshops' hours alone let be made, ``batch`` (E, T) the least of it.
    """

    problem: ClusterProblem
    rights: Rights
    network: Network
    loads: Loads
    columns: Columns
    linear: LinearModel
    capacity: Ints
    limits: LimitRows
    ship_limit: Floats
    most_sent: Floats
    floor: Floats
    largest: Floats
    fits: Floats
    batch: Floats


@dataclass(frozen=True)
class FlowModel:
    """The plan without its fixed charges: quantities, hours and unit costs alone.

    Parameters
    ----------
    linear : LinearModel
        The linear model.
    make, ship, serve, unmet : ndarray of int
        Column numbers, shapes as in the plan.
    capacity : (M, T) ndarray of int
        Row numbers of the hours; −1 where nothing uses them.
    """

    linear: LinearModel
    make: Ints
    ship: Ints
    serve: Ints
    unmet: Ints
    capacity: Ints


def build_model(problem: ClusterProblem, rights: Rights, network: Network, frozen: Frozen | None = None) -> PlanModel:
    """Build the model of a coalition's plan.

    Parameters
    ----------
    problem, rights, network : ClusterProblem, Rights, Network
        What is planned.
    frozen : Frozen, optional
        What outsiders do, kept as in their separate plans.
    """
    b, scope = ModelBuilder(), Scope(problem, network, frozen)
    # Materials are bought at prices of their own.
    flows, limits = _flows_balance(b, scope, make_cost=problem.route_making + problem.route_material)
    setups = add_setups(b, scope)
    kept = setups_are_kept(b, scope, flows, setups)
    kept_hours_hold(b, scope, flows, setups)
    hours = capacity_holds(b, scope, flows, setups, kept)
    lots_need_setups(b, scope, flows, setups)
    lots_need_runs(b, scope, setups)
    minimum_batches_hold(b, scope, flows, setups)
    charges = loads_are_charged(b, scope, flows)
    unlocked = unlock(b, scope, flows, setups)
    orders = materials_are_bought(b, scope, flows)
    money = money_is_counted(b, scope, flows, setups, kept, charges, unlocked, orders)
    families = flows, setups, kept, charges, unlocked, orders, money
    columns = Columns(**{name: column for family in families for name, column in vars(family).items()})
    hub = problem.hub_cost * problem.weeks if rights.cooperative else 0.0
    return PlanModel(
        problem=problem,
        rights=rights,
        network=network,
        loads=scope.loads,
        columns=columns,
        linear=b.build(offset=hub),
        capacity=hours,
        limits=limits,
        ship_limit=scope.ship_limit,
        most_sent=scope.most_sent,
        floor=scope.floor,
        largest=scope.largest,
        fits=scope.fits,
        batch=scope.batch,
    )


def build_flows(problem: ClusterProblem, rights: Rights, network: Network, frozen: Frozen | None = None) -> FlowModel:
    """Build the model of a coalition's quantities; setups and loads are left to whoever prices them."""
    b, scope = ModelBuilder(), Scope(problem, network, frozen)
    # Materials cost the least they can be had at.
    flows, _ = _flows_balance(b, scope, make_cost=problem.route_cost)
    kept_hours_hold(b, scope, flows, None)
    hours = capacity_holds(b, scope, flows, None, None)
    return FlowModel(b.build(), flows.make, flows.ship, flows.serve, flows.unmet, hours)


def _flows_balance(b: ModelBuilder, scope: Scope, *, make_cost: Floats) -> tuple[Flows, LimitRows]:
    """Add quantities, their balances and the room there is."""
    flows = add_flows(b, scope, make_cost=make_cost)
    stock_balances(b, scope, flows)
    sinks_balance(b, scope, flows)
    leftovers_lose_worth(b, scope, flows)
    demand_balances(b, scope, flows)
    limits = LimitRows(
        rooms_hold(b, scope, flows), throughput_holds(b, scope, flows), lanes_have_space(b, scope, flows)
    )
    return flows, limits
