"""Who could do which step: the ways that are considered, and how the tables are read for them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jointplan import Study
from jointplan.contracts import silent
from jointplan.engine import DuckDBEngine
from jointplan.planning.problem import ClusterProblem
from jointplan.planning.reading.chains import Offer, distance, find_chains
from jointplan.planning.reading.prepared import Prepared, prepare
from jointplan.planning.reading.series import Series
from jointplan.planning.settings import PlanSettings
from jointplan.study import stages
from tests.tiny import Row, write_csv, write_tiny

FIRMS = ("HOME", "A", "B")
price = st.floats(0.1, 10.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(price, price, price), min_size=2, max_size=3),
    st.lists(st.floats(0.8, 1.0), min_size=9, max_size=9),
    price,
)
def test_the_cheapest_way_of_each_pattern_is_found(
    costs: list[tuple[float, ...]], good: list[float], carriage: float
) -> None:
    """Against every way there is, counted forwards: a unit that goes bad later has cost its earlier steps too."""
    steps = [
        [Offer(firm, cost, good[3 * n + f], 1.0) for f, (firm, cost) in enumerate(zip(FIRMS, row, strict=True))]
        for n, row in enumerate(costs)
    ]

    def whole_cost(chain: tuple[str, ...]) -> float:
        offers = [next(o for o in row if o.firm == firm) for row, firm in zip(steps, chain, strict=True)]
        total = 0.0
        for n, offer in enumerate(offers):
            begun = 1.0 / np.prod([other.good for other in offers[n:]])
            total += offer.cost * begun
            if n and chain[n] != chain[n - 1]:
                total += carriage * begun
        return float(total)

    found = find_chains(steps, lambda firm: firm == "HOME", lambda one, other: carriage, 50)
    every = [chain for chain in itertools.product(FIRMS, repeat=len(steps)) if len(set(chain)) > 1]
    assert set(found) <= set(every)
    for pattern in {tuple(firm != "HOME" for firm in chain) for chain in every}:
        mine = [chain for chain in every if tuple(firm != "HOME" for firm in chain) == pattern]
        first = next(chain for chain in found if tuple(firm != "HOME" for firm in chain) == pattern)
        assert whole_cost(first) == pytest.approx(min(map(whole_cost, mine)))


def test_no_more_ways_than_asked_for() -> None:
    """The limit holds, for the present maker's own firms and for others apart; of each pattern one comes first."""
    steps = [[Offer(firm, 1.0 + n, 1.0, 1.0) for n, firm in enumerate(("HOME", "OWN", "A", "B"))] for _ in range(3)]
    found = find_chains(steps, lambda firm: firm in ("HOME", "OWN"), lambda one, other: 0.5, 3)
    own = [chain for chain in found if set(chain) <= {"HOME", "OWN"}]
    others = found[len(own) :]
    assert (len(own), len(others)) == (3, 3)
    assert len({tuple(firm in "AB" for firm in chain) for chain in others}) == 3


def test_a_degree_of_the_equator() -> None:
    """One degree of the equator is 60 sea miles of 1.853 km, near enough."""
    assert distance((0.0, 10.0), (0.0, 11.0)) == pytest.approx(60 * 1.853, rel=1e-3)


# The tables of a tiny cluster: every maker can do both steps, MILL only the first, and the second is ALPHA's strength.


def two_steps(
    tables: dict[str, Callable[[list[Row]], list[Row] | None]] | None = None,
) -> dict[str, Callable[..., list[Row]]]:
    factor = {
        ("ALPHA", "moulding"): 2.0,
        ("GAMMA", "moulding"): 1.5,
        ("MILL", "moulding"): 0.5,
        ("BETA", "assembly"): 1.4,
    }

    def capabilities(rows: list[Row]) -> list[Row]:
        both = [dict(row, process=process) for row in rows for process in ("moulding", "assembly")]
        mill = dict(rows[0], firm="MILL", process="moulding")
        return [dict(row, hours_factor=factor.get((row["firm"], row["process"]), 1.0)) for row in [*both, mill]]

    return {
        "firms": lambda rows: [*rows, {"firm": "MILL", "name": "Mill", "role": "maker", "lat": 22.8, "lon": 113.3}],
        "operations": lambda rows: [
            {"family": family, "step": step, "process": process, "hours": hours}
            for family in ("kettle", "toaster")
            for step, process, hours in ((1, "moulding", 0.2), (2, "assembly", 0.1))
        ],
        "capabilities": capabilities,
        "capacity": lambda rows: [
            {"firm": firm, "process": process, "hours": 40, "overtime_hours": 8}
            for firm in ("ALPHA", "BETA", "GAMMA", "MILL")
            for process in ("moulding", "assembly")
        ],
    }  # fmt: skip


def prepared(folder: Path, changed: PlanSettings | None = None) -> Prepared:
    with DuckDBEngine() as engine:
        study = Study.open(folder)
        watch = stages.Stopwatch(silent)
        basis = stages.add_up(
            stages.check(study.workspace, study.settings, engine, watch), study.settings, engine, watch
        )
        plan = changed or PlanSettings()
        start = date(2025, 3, 10)
        return prepare(basis.tables, plan, currency="CNY", start=start, weeks=4, replay=True)


def read(folder: Path, changed: PlanSettings | None = None) -> ClusterProblem:
    return prepared(folder, changed).problem


@pytest.fixture(scope="module")
def problem(tmp_path_factory: pytest.TempPathFactory) -> ClusterProblem:
    return read(write_tiny(tmp_path_factory.mktemp("steps"), **two_steps()))


def named(problem: ClusterProblem, chain: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(problem.firm[f] for f in chain)


def test_steps_go_to_the_shop_that_can_do_only_one(problem: ClusterProblem) -> None:
    """MILL makes no product, but moulds: every product has a chain that begins there, and none that ends there."""
    chains = {r: named(problem, chain) for r, chain in problem.chains.items()}
    assert set(problem.route_product[~problem.divided]) == set(range(3))
    for i, maker in enumerate(problem.maker):
        mine = {chain for r, chain in chains.items() if problem.route_product[r] == i}
        assert ("MILL", problem.firm[maker]) in mine
        assert len(mine) <= PlanSettings().making.chains
        assert all(chain[1] != "MILL" for chain in mine)
    assert all(problem.firm[problem.route_firm[r]] == chain[-1] for r, chain in chains.items())


def test_a_chain_costs_its_steps_and_the_way_between(problem: ClusterProblem) -> None:
    """By hand: MILL 0.2 h × 0.5, ALPHA 0.1 h, each at 60; a move of 0.01 m³ over 10.25 km at 15 + 1 a km."""
    route = next(
        r for r, chain in problem.chains.items()
        if named(problem, chain) == ("MILL", "ALPHA") and problem.sku[problem.route_product[r]] == "KETTLE-1"
    )  # fmt: skip
    km = distance((22.8, 113.3), (22.8, 113.2))
    assert km == pytest.approx(10.25, abs=0.01)
    assert problem.route_making[route] == pytest.approx(60 * (0.1 + 0.1) + 0.01 * (15 + km))
    assert problem.setup_cost[route, 0] == pytest.approx(2 * (50 + 0.5 * 60))
    uses = np.flatnonzero(problem.use_route == route)
    assert {problem.resource[problem.use_resource[u]]: problem.use_hours[u] for u in uses} == pytest.approx(
        {"MILL moulding": 0.1, "ALPHA assembly": 0.1}
    )


def test_families_change_over_where_a_step_is_done(problem: ClusterProblem) -> None:
    """A step needs its own workshop changed over, a whole job all of the firm's, each counted once."""
    route, group, _ = problem.route_needs
    changed = {int(r): set() for r in range(len(problem.route_product))}
    for r, g in zip(route, group, strict=True):
        entries = np.flatnonzero(problem.major_group == g)
        resources = [problem.resource[m] for m in problem.major_resource[entries]]
        assert not changed[int(r)] & set(resources)
        changed[int(r)] |= set(resources)
    for r in range(len(problem.route_product)):
        uses = problem.use_resource[problem.use_route == r]
        assert changed[r] == {problem.resource[m] for m in uses}
    cost = np.bincount(route, problem.group_cost[group])
    assert np.allclose(cost, 2 * (200 + 2 * 60))


def test_no_chains_no_division(tmp_path: Path, problem: ClusterProblem) -> None:
    """Set to none, the problem is that of whole jobs, and these cost what they cost beside chains."""
    making = PlanSettings().making.model_copy(update={"chains": 0})
    plain = read(write_tiny(tmp_path, **two_steps()), PlanSettings(making=making))
    assert not plain.divided.any()
    assert not len(plain.division.also_route)
    assert np.allclose(plain.route_making, problem.route_making[~problem.divided])
    assert np.allclose(plain.setup_cost, problem.setup_cost[~problem.divided])


def test_a_lane_between_two_firms_is_their_way(tmp_path: Path) -> None:
    """Five days are a week by the rounding of lanes: the first step falls a week before, its value is held meanwhile."""
    folder = write_tiny(
        tmp_path,
        **two_steps(),
        lanes=lambda rows: [
            *rows,
            {
                "lane": "cart", "origin": "MILL", "destination": "ALPHA", "mode": "road", "tariff": "cart",
                "transit_days": 5,
            },
        ],
        tariffs=lambda rows: [*rows, {"tariff": "cart", "basis": "m3", "rate": 80}],
    )  # fmt: skip
    found = prepared(folder)
    assert "moves on lanes between firms" in {assumed.item for assumed in found.assumptions}
    problem = found.problem
    route = next(r for r, chain in problem.chains.items() if named(problem, chain) == ("MILL", "ALPHA"))
    mine = np.flatnonzero(problem.use_route[problem.division.use] == route)
    order = mine[np.argsort(problem.division.step[mine])]
    parts = problem.division
    assert parts.lag[order].tolist() == [1, 0]
    assert parts.move[order] == pytest.approx([0.01 * 80, 0.0])
    worth = problem.route_material[route] + parts.making[order[0]]
    assert parts.waiting[order] == pytest.approx([worth * PlanSettings().costs.holding_rate / 52, 0.0])
    assert set(problem.division.also_lag[problem.division.also_route == route].tolist()) == {0, 1}


def test_units_go_on_as_many_at_a_time_as_a_week_wants() -> None:
    """Weeks that want none do not count, nor does what a new market may want, unless nothing else is wanted; one is the least."""
    series = Series(
        keys=[("A", "DE", "M", -1), ("A", "FR", "N", -1), ("A", "US", "M", 0), ("B", "US", "M", 0)],
        product=np.array([0, 0, 0, 1]),
        market=np.array([0, 1, 2, 2]),
        seller=np.array([0, 1, 0, 0]),
        price=np.ones(4),
        demand=np.array([[4.0, 0, 0, 2], [0, 0, 0, 6], [9, 9, 9, 9], [0, 5, 7, 0]]),
    )
    assert series.consignments(3).tolist() == [6.0, 6.0, 1.0]


def test_what_moves_cost_is_told_only_where_a_lane_joins_firms(tmp_path: Path) -> None:
    """Without such a lane all goes by internal transport, which is told apart."""
    items = {assumed.item for assumed in prepared(write_tiny(tmp_path, **two_steps())).assumptions}
    assert "moves on lanes between firms" not in items
    assert "plan.freight.move_rate" in items


def test_every_firm_of_a_chain_must_be_certified(tmp_path: Path) -> None:
    """A market that asks for certified firms is not served by a chain with one that is not."""
    folder = write_tiny(tmp_path, **two_steps())
    write_csv(
        folder / "tables" / "certificates.csv",
        [{"firm": firm, "market": "DE", "certificate": "CE", "expiry": date(2030, 1, 1)} for firm in ("ALPHA", "BETA")],
    )
    problem = read(folder)
    market = problem.market.index("DE")
    barred = set(problem.certificates.route[problem.certificates.market == market].tolist())
    for r in range(len(problem.route_product)):
        firms = set(named(problem, problem.chains.get(r, (int(problem.route_firm[r]),))))
        assert (r in barred) == bool(firms - {"ALPHA", "BETA"})


def test_a_decided_lot_keeps_its_chain(tmp_path: Path) -> None:
    """A lot decided on a chain is kept on it, even one that would not be among those considered."""
    folder = write_tiny(tmp_path, **two_steps())
    write_csv(
        folder / "tables" / "approved.csv",
        [
            {"week": date(2025, 3, 17), "firm": "BETA", "sku": "TOASTER", "seller": "GAMMA", "quantity": 20,
             "chain": "ALPHA > BETA"},
        ],
    )  # fmt: skip
    making = PlanSettings().making.model_copy(update={"chains": 0})
    problem = read(folder, PlanSettings(making=making))
    (route,) = problem.approved.route
    assert named(problem, problem.chains[int(route)]) == ("ALPHA", "BETA")
    assert problem.chain_label(int(route)) == "ALPHA > BETA"


def test_what_must_be_learned_or_opened_comes_besides(tmp_path: Path, problem: ClusterProblem) -> None:
    """MILL must learn to mould, and SHOP be opened: ways over them are there from their weeks on, the others as before."""
    changes = two_steps()
    folder = write_tiny(
        tmp_path,
        **changes
        | {
            "firms": lambda rows: [
                *changes["firms"](rows), {"firm": "SHOP", "role": "workshop", "opening_cost": 900, "ready_weeks": 2},
            ],
            "capabilities": lambda rows: [
                *(
                    dict(row, **({"learn_cost": 500, "ready_weeks": 1} if row["firm"] == "MILL" else {}))
                    for row in changes["capabilities"](rows)
                ),
                *(dict(rows[0], firm="SHOP", process=process) for process in ("moulding", "assembly")),
            ],
            "capacity": lambda rows: [
                *changes["capacity"](rows),
                *({"firm": "SHOP", "process": process, "hours": 40} for process in ("moulding", "assembly")),
            ],
        },
    )  # fmt: skip
    found = read(folder)
    need = found.investments
    terms = {
        (found.firm[f], process): (cost, weeks)
        for f, process, cost, weeks in zip(need.firm, need.process, need.cost, need.ready, strict=True)
    }
    assert terms == {("MILL", "moulding"): (500.0, 1), ("SHOP", ""): (900.0, 2)}
    assert found.neutral.tolist() == [name == "SHOP" for name in found.owner]
    ways = {
        r: (int(found.route_product[r]), named(found, found.chains.get(r, (int(found.route_firm[r]),))))
        for r in range(len(found.route_product))
    }
    for r, (_, firms) in ways.items():
        assert found.route_first[r] == (2 if "SHOP" in firms else 1 if "MILL" in firms else 0)
    # A whole job at the workshop is done there for the present maker.
    assert {firms for _, firms in ways.values() if set(firms) == {"SHOP"}} == {("SHOP", "SHOP")}
    assert all(found.route_holder[r] == found.maker[i] for r, (i, firms) in ways.items() if "SHOP" in firms)
    whole = {
        (int(i), int(f))
        for i, f in zip(*(a[~problem.divided] for a in (problem.route_product, problem.route_firm)), strict=True)
    }
    assert whole == {(i, found.firm.index(firms[0])) for i, firms in ways.values() if len(firms) == 1}
    assert {i for i, firms in ways.values() if "MILL" in firms} == {0, 1, 2}
