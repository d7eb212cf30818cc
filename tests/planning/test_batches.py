"""Small orders into large batches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from jointplan.planning import batches
from jointplan.planning.attributing import attribute_goods
from jointplan.planning.batches import traced_orders
from jointplan.planning.network import build_network
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.plans import plan_coalition
from jointplan.planning.problem import ClusterProblem, Opening
from jointplan.planning.results import plan_tables
from jointplan.planning.rights import MEASURES, coalition_rights, separate_rights
from jointplan.planning.solving import search
from jointplan.solvers import SolveOptions
from tests.inventory.networks import textbook
from tests.planning.cases import one_plant, random_cluster, with_carry_over, with_steps
from tests.planning.solved import START, solved

EXACT = SolveOptions(seconds=60, gap=1e-7)


def batches_table(separate: ClusterPlan, joint: ClusterPlan) -> pa.Table:
    """Return the table of two plans."""
    return batches.batches_table(attribute_goods(separate), attribute_goods(joint))


def two_sellers(demand: np.ndarray, setup: float, holding: float) -> ClusterProblem:
    """Return a plant that makes one product for two sellers, who cannot wait."""
    one = one_plant(demand[:1], np.array([setup]), np.array([holding]))
    return replace(
        one,
        firm=("plant", "a", "b"),
        owner=("plant", "a", "b"),
        firm_owner=np.arange(3),
        node=("plant", "a", "b"),
        node_storage=np.zeros(3),
        node_handling=np.zeros(3),
        node_capacity=np.full(3, np.inf),
        series_product=np.array([0, 0]),
        series_market=np.array([0, 0]),
        series_seller=np.array([1, 2]),
        demand=demand,
        price=np.zeros(2),
        late_cost=np.zeros(2),
        goodwill=np.full(2, 1e5),
        use_setup=np.array([0.5]),
    )


def test_pooling_makes_one_lot_of_two_and_says_who_waits() -> None:
    """Ten now for one, twenty next week for the other: one lot of thirty, whose second part waits a week."""
    problem = two_sellers(np.array([[10.0, 0.0], [0.0, 20.0]]), setup=70.0, holding=1.0)
    separate = plan_coalition(problem, separate_rights(problem), EXACT)
    joint = plan_coalition(problem, coalition_rights(problem, frozenset({"pool_orders"})), EXACT, separate=separate)
    rows = {(row["by"], row["firm"]): row for row in batches_table(separate, joint).to_pylist()}
    whole = rows["family", None]
    assert (whole["orders"], whole["lots_pooled"]) == (2, 1)
    assert (whole["lots_separate"], whole["lots_joint"]) == (2, 1)
    assert (whole["size_separate"], whole["size_joint"]) == (15.0, 30.0)
    assert whole["setup_hours_separate"] - whole["setup_hours_joint"] == pytest.approx(0.5)
    assert whole["earlier"] == pytest.approx(20.0)
    assert whole["later"] == pytest.approx(0.0)
    assert rows["seller", "a"]["earlier"] == pytest.approx(0.0)
    assert rows["seller", "b"]["earlier"] == pytest.approx(20.0)
    assert rows["firm", "plant"]["lots_joint"] == 1


def test_orders_placed_together_reach_the_smallest_lot() -> None:
    """Twelve for one and eight for the other, fifty at least: alone 26 and 34 are left that nobody would buy, together ten.

    A unit costs 5 to make. Alone each makes fifty, of which as many again as it wants are worth what they cost; together fifty
    serve both, of the thirty left twenty are worth it.
    """
    problem = replace(
        two_sellers(np.array([[12.0], [8.0]]), setup=0.0, holding=0.0),
        route_making=np.array([5.0]), end_value=np.array([5.0]), route_batch=np.array([50.0]),
    )  # fmt: skip
    separate = plan_coalition(problem, separate_rights(problem), EXACT)
    joint = plan_coalition(problem, coalition_rights(problem, frozenset({"pool_orders"})), EXACT, separate=separate)
    assert separate.cost() == pytest.approx(5 * (12 + 8) + 5 * (26 + 34))
    assert joint.cost() == pytest.approx(5 * (12 + 8) + 5 * 10)
    rows = {(row["by"], row["firm"]): row for row in batches_table(separate, joint).to_pylist()}
    assert rows["family", None]["unsold_separate"] == pytest.approx(26 + 34)
    assert rows["family", None]["unsold_joint"] == pytest.approx(10)
    assert rows["seller", "a"]["unsold_joint"] is None


@pytest.mark.parametrize("week", [0, 1])
def test_goods_held_together_are_worth_no_less_than_apart(week: int) -> None:
    """One has 300 that reach nobody, or in a week when nobody wants them; the other wants 100 and makes 200: together they lose nothing.

    Apart the 300 keep their worth as goods from before, and 100 as what 100 more would sell.
    """
    base = two_sellers(np.array([[0.0, 0.0], [100.0, 0.0]]), setup=0.0, holding=0.0)
    one, none = np.array([1]), np.array([0])
    lying = Opening(one - week, none - 1, none + week, none, one, np.array([300.0]))
    problem = replace(
        base, route_making=np.array([5.0]), end_value=np.array([5.0]), route_batch=np.array([200.0]), opening=lying
    )
    separate = plan_coalition(problem, separate_rights(problem), EXACT)
    joint = plan_coalition(problem, coalition_rights(problem, frozenset(MEASURES)), EXACT, separate=separate)
    assert separate.value == pytest.approx(5 * (300 + 100) - 5 * 200)
    assert joint.value == pytest.approx(separate.value)


@pytest.mark.parametrize("seed", [0, 1])
def test_waiting_adds_up_the_same_by_family_maker_and_seller(seed: int) -> None:
    """Each unit waits so many weeks more or less, and stands once with its family, its maker and its seller."""
    frame = batches_table(solved(seed, "separate"), solved(seed, "joint")).to_pandas()
    sums = frame.groupby(["by", "family"])["earlier"].sum().unstack("by")
    assert sums["family"].abs().sum() > 1
    np.testing.assert_allclose(sums["firm"], sums["family"], atol=1e-6)
    np.testing.assert_allclose(sums["seller"], sums["family"], atol=1e-6)


@pytest.mark.parametrize("left", [0.0, 6.0])
def test_setup_hours_of_sellers_are_those_of_their_lots(left: float) -> None:
    """Of one lot ten are handed over for one, twenty for the other; as many more may be left for each: its half hour is shared without rest."""
    problem = two_sellers(np.array([[10.0, 0.0], [0.0, 20.0]]), setup=70.0, holding=1.0)
    plan = plan_coalition(problem, coalition_rights(problem, frozenset({"pool_orders"})), EXACT)
    plan = replace(plan, make=plan.make + np.where(plan.make > 1, left, 0.0))
    rows = {(row["by"], row["firm"]): row for row in batches_table(plan, plan).to_pylist()}
    for side in ("separate", "joint"):
        assert rows["family", None][f"setup_hours_{side}"] == pytest.approx(0.5)
        assert rows["seller", "a"][f"setup_hours_{side}"] == pytest.approx(0.5 * (10 + left) / (30 + 2 * left))
        assert rows["seller", "b"][f"setup_hours_{side}"] == pytest.approx(0.5 * (20 + left) / (30 + 2 * left))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_lots_and_setup_hours_of_sellers_are_those_of_the_table_of_lots(seed: int) -> None:
    """The hours of a family's sellers add up to the family's, and each seller's lots and hours are those of its rows in *lots*.

    So are the joint plan's lots that hold goods of several sellers, of a family, a maker and a seller.
    """
    plans = {"separate": solved(seed, "separate"), "joint": solved(seed, "joint")}
    frame = batches_table(plans["separate"], plans["joint"]).to_pandas()
    firms = pa.table(
        {"firm": plans["joint"].problem.firm, "owner": [None] * 4, "role": ["maker", "maker", "seller", "seller"]}
    )
    lots = plan_tables(plans, START, firms)["lots"].to_pandas()
    for side, rows in lots.groupby("plan"):
        sums = frame.pivot_table(index="family", columns="by", values=f"setup_hours_{side}", aggfunc="sum")
        np.testing.assert_allclose(sums["seller"], sums["family"], atol=1e-6)
        sellers = frame[frame["by"] == "seller"].set_index(["family", "firm"])
        told = rows.groupby(["family", "seller"]).agg(hours=("setup_hours", "sum"), lots=("lot", "nunique"))
        told = told.reindex(sellers.index, fill_value=0.0)
        np.testing.assert_allclose(sellers[f"setup_hours_{side}"], told["hours"], atol=1e-6)
        assert sellers[f"lots_{side}"].tolist() == told["lots"].tolist()
    rows = lots[lots["plan"] == "joint"]
    several = rows.groupby("lot")["seller"].nunique() > 1
    rows = rows[rows["lot"].isin(several.index[several])]
    assert several.any()
    for by, keys in (("family", ["family"]), ("firm", ["family", "maker"]), ("seller", ["family", "seller"])):
        counted = frame[frame["by"] == by].set_index(["family", "firm"][: len(keys)])["lots_pooled"]
        told = rows.groupby(keys)["lot"].nunique().reindex(counted.index, fill_value=0)
        assert counted.tolist() == told.tolist()


@pytest.mark.parametrize("kept", [False, True])
def test_setup_hours_are_those_of_the_firm_that_changes_over(kept: bool) -> None:
    """Where firms share the steps of a lot, each has its own setup hours, which add up to those of its workshops, and over firms, and over sellers, to those of the family."""
    problem = with_steps(random_cluster(5, makers=2, sellers=2, products=3, weeks=3), 5)
    if kept:
        problem = with_carry_over(problem, np.ones(problem.regular.shape, dtype=bool))
    separate, joint = (
        plan_coalition(problem, rights, EXACT)
        for rights in (separate_rights(problem), coalition_rights(problem, frozenset(MEASURES)))
    )
    frame = batches_table(separate, joint).to_pandas()
    by_firm = frame[frame["by"] == "firm"].groupby("firm")["setup_hours_joint"].sum()
    worked = np.bincount(problem.resource_firm, joint.setup_hours.sum(axis=1), len(problem.firm))
    assert (np.bincount(problem.resource_firm, joint.setup_hours.sum(axis=1)) > 0).sum() > 1
    for number, firm in enumerate(problem.firm):
        assert by_firm.get(firm, 0.0) == pytest.approx(worked[number], abs=1e-6)
    # A kept setup spares its share; without any, each run of a group takes its hours once.
    whole = frame[frame["by"] == "family"][["family_hours_separate", "family_hours_joint"]].sum()
    for plan, hours in zip((separate, joint), whole, strict=True):
        runs = np.bincount(plan.network.run_group, plan.runs.sum(axis=1), len(problem.group_firm))
        most = (runs[problem.major_group] * problem.major_hours).sum()
        assert most > 0
        assert hours < most if kept and plan.spared.any() else hours == pytest.approx(most)
    assert frame[frame["by"] == "seller"]["family_hours_joint"].isna().all()
    of_family = frame.pivot_table(index="family", columns="by", values="setup_hours_joint", aggfunc="sum")
    np.testing.assert_allclose(of_family["firm"], of_family["family"], atol=1e-6)
    np.testing.assert_allclose(of_family["seller"], of_family["family"], atol=1e-6)


def test_waiting_is_told_of_units_made_in_both_plans() -> None:
    """An order of ten is made a week sooner, or later, in the joint plan; without a plan to set it beside there is no figure."""
    problem = two_sellers(np.array([[0.0, 10.0], [0.0, 0.0]]), setup=70.0, holding=1.0)
    plan = plan_coalition(problem, coalition_rights(problem, frozenset({"pool_orders"})), EXACT)
    assert plan.make.sum(axis=0).tolist() == pytest.approx([0.0, 10.0])
    sooner = replace(plan, make=plan.make[:, ::-1])
    for first, second, waits in ((plan, sooner, 10.0), (sooner, plan, -10.0)):
        rows = {(row["by"], row["firm"]): row["earlier"] for row in batches_table(first, second).to_pylist()}
        assert rows == {("family", None): waits, ("firm", "plant"): waits, ("seller", "a"): waits}
    nothing = replace(plan, make=0 * plan.make, ship=0 * plan.ship, serve=0 * plan.serve, unmet=problem.demand)
    assert {row["earlier"] for row in batches_table(nothing, plan).to_pylist()} == {None}


@pytest.mark.parametrize("kind", ["separate", "joint"])
def test_tracing_loses_no_unit(kind: str) -> None:
    """Parts of deliveries add up to what was delivered less what was there before, and no lot gives more than it made."""
    plan = solved(1, kind)
    parts = traced_orders(plan)
    served, early = plan.serve.sum(), plan.network.place_opening.sum() + plan.network.sink_opening.sum()
    assert served - early - 1e-6 <= parts["units"].sum() <= served + 1e-6
    given = np.zeros(plan.lots.shape)
    np.add.at(given, (parts["lot"], parts["made"]), parts["units"])
    made = np.zeros(plan.lots.shape)
    np.add.at(made, plan.network.supply_lot, plan.make)
    assert (given <= made + 1e-4).all()
    assert (parts["made"] <= parts["week"]).all()


def test_a_plan_beside_itself_saves_nothing() -> None:
    """Setups, waiting and lateness differ by nothing where the plans do not differ."""
    plan = solved(1, "separate")
    for row in batches_table(plan, plan).to_pylist():
        assert row["lots_separate"] == row["lots_joint"]
        assert row["earlier"] == pytest.approx(0.0)
        assert row["setup_hours_separate"] == row["setup_hours_joint"]


def replenished(
    shared: float, individual: list[float], holding: list[float], demand: np.ndarray, families: tuple[int, ...] = ()
) -> ClusterProblem:
    """Return items made at one plant, each for a cost of its own and for one shared by a family, by default by all of them.

    ``demand`` is of each item in each week, ``holding`` what a unit costs for one.
    """
    base = one_plant(demand, np.array(individual, dtype=float), np.array(holding))
    of_item = np.array(families or (0,) * len(individual))
    groups = np.unique(of_item)
    return replace(
        base,
        family=tuple(f"family {g}" for g in groups),
        product_family=of_item,
        route_group=of_item,
        group_firm=groups * 0,
        group_family=groups,
        group_cost=np.full(len(groups), float(shared)),
    )


@pytest.mark.parametrize(
    ("families", "cycles", "published"),
    [((0, 0, 0, 0), (4, 4, 16, 12), 2067.65), ((0, 1, 2, 3), (4, 10, 30, 20), 2554.92)],
    ids=["together", "separately"],
)
def test_joint_replenishment_costs_what_was_published(
    families: tuple[int, ...], cycles: tuple[int, ...], published: float
) -> None:
    """Silver, Pyke and Peterson's four items: a major setup of 40, minor ones of 15, 0.24 a year to keep what is worth 1.

    Cycles are the published ones in whole weeks, which cost hardly more. A plan counts what is left at the end of a week; on
    average half a week's demand lies there besides.
    """
    yearly = np.array([86000.0, 12500.0, 1400.0, 3000.0])
    weeks, n = int(np.lcm.reduce(cycles)), np.arange(4)
    demand = np.repeat(yearly[:, None] / 52, weeks, axis=1)
    problem = replenished(40.0, [15.0] * 4, [0.24 / 52] * 4, demand, families)
    net = build_network(problem, separate_rights(problem))
    made = np.where(np.arange(weeks) % np.array(cycles)[:, None] == 0, demand * np.array(cycles)[:, None], 0.0)
    product = net.commodity_product[net.supply_commodity]
    series = net.sink_commodity[net.series_sink]
    ship = np.stack([demand[net.commodity_product[c]] for c in net.arc_commodity])
    plan = ClusterPlan(problem, separate_rights(problem), net, made[product], ship, demand, 0 * demand)
    assert plan.violations() == []
    assert sorted(net.commodity_product[series]) == n.tolist()
    cost = plan.cost() * 52 / weeks + 0.24 * yearly.sum() / 52 / 2
    assert cost == pytest.approx(published, rel=2e-3)


@pytest.mark.real
@pytest.mark.parametrize("small", [search.SMALL, 0])
@pytest.mark.parametrize(
    ("name", "cycle", "multiples", "published"),
    [
        ("scmo_jrp_ex", 3.103164454170876, (1, 3, 1), 837.8544026261366),
        ("spp_jrp", 0.07617340262784976, (1, 1, 4, 3), 2067.650840930354),
        ("silver_jrp", 0.2813771490671472, (1, 1, 1, 3, 3), 218.68632025498687),
        ("scmo_jrp_hw_1", 0.24433405218634363, (1, 2, 1, 3), 1028646.3597045067),
        ("scmo_jrp_hw_2", 0.017076411245211497, (3, 1, 2), 566083.0327787611),
        ("scmo_jrp_hw_3", 0.11364657309360865, (1, 2, 4, 1, 2), 9107.181781429423),
    ],
)
def test_joint_replenishment_is_found_by_the_plan(
    data: Path,
    name: str,
    cycle: float,
    multiples: tuple[int, ...],
    published: float,
    small: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Left to choose lots in half base cycles, HiGHS and the search find the published multiples, and the published cost.

    There are as many half cycles as let the published policy come round. Half a half cycle's demand lies there on average
    besides what is left at its end.
    """
    monkeypatch.setattr(search, "SMALL", small)
    given = textbook(data / "bench" / "stockpyl")[name]
    rates, holding = np.array(given["demand_rates"], dtype=float), np.array(given["holding_costs"])
    periods, length = 2 * int(np.lcm.reduce(multiples)), cycle / 2
    shared, individual = given["shared_fixed_cost"], given["individual_fixed_costs"]
    demand = np.repeat(rates[:, None] * length, periods, axis=1)
    problem = replenished(shared, individual, (holding * length).tolist(), demand)
    plan = plan_coalition(problem, separate_rights(problem), SolveOptions(seconds=60, gap=1e-6, rounds=20))
    assert plan.violations() == []
    often = np.arange(periods) % (2 * np.array(multiples))[:, None] == 0
    assert np.array_equal(plan.lots[np.argsort(problem.route_product[plan.network.lot_route])], often)
    cost = plan.cost() / (periods * length) + float(holding @ rates) * length / 2
    assert cost == pytest.approx(published, rel=1e-6)
