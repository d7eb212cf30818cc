"""How long one lasts and what is lost, on cases worked out by hand and by scipy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from jointplan.diagnosis.lock_in import dependence as depending
from jointplan.diagnosis.lock_in.dependence import dependence
from jointplan.diagnosis.lock_in.survival import FOREVER, Exposure, Supply, exposure
from jointplan.diagnosis.settings import LockInSettings
from jointplan.engine import Tables
from jointplan.solvers import SolveOptions, Status
from tests.diagnosis.cluster import small

Ints = list[int]


def one_part(alternate: float) -> Supply:
    """Demand of 50 a week, 200 on hand, a main supplier of 50 and another of ``alternate`` a week."""
    none = (np.array([], int), np.array([], int), np.array([]))
    return Supply(
        makes=np.array([0, 0]),
        node=np.array([0, 1]),
        needs=none,
        room=(np.array([0, 1]), np.array([0, 1]), np.ones(2)),
        limits=np.array([50.0, alternate]),
        stock=np.array([200.0]),
        demand=np.array([50.0]),
        worth=np.array([7.0]),
        nodes=("main", "alternate"),
    )


@pytest.mark.parametrize(("alternate", "weeks"), [(0.0, 4.0), (30.0, 10.0), (50.0, np.inf)])
def test_the_worked_example_of_time_to_survive(alternate: float, weeks: float) -> None:
    """Demand 50, stock 200, alternate supply 0, 30 or 50: 4 weeks, 10 weeks, for ever (after Simchi-Levi and others 2015)."""
    found = exposure(one_part(alternate), 12.0)
    assert found.weeks[0] == pytest.approx(weeks)
    assert found.loss[0] == pytest.approx(7 * max(50 * 12 - 200 - alternate * 12, 0))
    assert np.isinf(found.weeks[1])
    assert found.index.max() == (1.0 if alternate < 50 else 0.0)


def test_two_tiers_agree_with_a_programme_written_out() -> None:
    """Makers that share material and hours: each node's loss and time are those of scipy's HiGHS on the same rows."""
    supply = Supply(
        makes=np.array([0, 0, 1, 2, 2]),  # A makes P, B makes P, B makes Q, S and T deliver resin
        node=np.array([0, 1, 1, 2, 3]),
        needs=(np.array([0, 1, 2]), np.array([2, 2, 2]), np.array([2.0, 2.0, 1.0])),
        room=(np.array([0, 1, 2, 3, 4]), np.array([0, 1, 1, 2, 3]), np.array([1.0, 1.0, 2.0, 1.0, 1.0])),
        limits=np.array([30.0, 40.0, 60.0, 25.0]),
        stock=np.array([40.0, 5.0, 60.0]),
        demand=np.array([35.0, 10.0, 0.0]),
        worth=np.array([3.0, 5.0, 0.0]),
        nodes=("A", "B", "S", "T"),
    )
    found = exposure(supply, 8.0)

    def by_hand(out: int | None, weeks: float | None) -> float:
        """Columns: five activities, two losses, time."""
        cost = [0.0] * 5 + ([3.0, 5.0] if weeks is not None else [0.0, 0.0]) + [0.0 if weeks is not None else -1.0]
        rows = [
            [-1, -1, 0, 0, 0, -1, 0, 35],
            [0, 0, -1, 0, 0, 0, -1, 10],
            [2, 2, 1, -1, -1, 0, 0, 0],
            [1, 0, 0, 0, 0, 0, 0, -30],
            [0, 1, 2, 0, 0, 0, 0, -40],
            [0, 0, 0, 1, 0, 0, 0, -60],
            [0, 0, 0, 0, 1, 0, 0, -25],
        ]
        bounds = [(0.0, 0.0 if out == node else None) for node in (0, 1, 1, 2, 3)]
        bounds += [(0.0, None if weeks is not None else 0.0)] * 2
        bounds += [(weeks, weeks) if weeks is not None else (0.0, FOREVER)]
        return float(linprog(cost, rows, [40.0, 5.0, 60.0, 0, 0, 0, 0], bounds=bounds).fun)

    for node in range(4):
        assert found.loss[node] == pytest.approx(by_hand(node, 8.0) - by_hand(None, 8.0), abs=1e-6)
        weeks = -by_hand(node, None)
        assert (np.isinf(found.weeks[node]) and weeks > FOREVER * 0.99) or found.weeks[node] == pytest.approx(weeks)
    assert found.base == pytest.approx(by_hand(None, 8.0), abs=1e-6)


def test_what_lasts_no_time_lasts_no_negative_time() -> None:
    """One maker, nothing on hand: it is missed at once, and no sentence says minus nought weeks."""
    nothing = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    supply = Supply(
        makes=np.array([0]), node=np.array([0]), needs=nothing, room=(np.array([0]), np.array([0]), np.array([1.0])),
        limits=np.array([50.0]), stock=np.array([0.0]), demand=np.array([50.0]), worth=np.array([2.0]), nodes=("A",),
    )  # fmt: skip
    found = exposure(supply, 8.0)
    assert f"{found.weeks[0]:.1f}" == "0.0"
    assert found.loss[0] == pytest.approx(50 * 2 * 8)


def test_only_supplier_of_a_material() -> None:
    """A sole supplier is survived for the weeks of stock that the settings say, and all that needs it is lost after."""
    materials = [{"family": "kettle", "material": "resin", "quantity": 1.0}]
    sources = [{"material": "resin", "supplier": "X", "origin": "DE", "cost": 4.0}]
    weekly = [row | {"revenue": 20 * row["quantity"]} for row in small()["weekly"].to_pylist()]
    tables = small(materials=materials, sources=sources, weekly=weekly)
    found = dependence(tables, LockInSettings(stock_weeks=3, recover_weeks=12))
    assert found.table is not None
    (row,) = found.table.to_pylist()
    assert (row["node"], row["kind"], row["risk_index"]) == ("X", "supplier", 1.0)
    assert row["weeks_to_survive"] == pytest.approx(3.0)
    first = next(f for f in found.findings if f.indicator == "risk_exposure")
    assert first.value == pytest.approx(0.75)
    assert "maker_exposure" in [f.indicator for f in found.findings if f.value is None]


def test_makers_stand_in_for_each_other_as_far_as_hours_go() -> None:
    """With a routing everyone can do, hours decide: where all have twice what they need, one failure is never felt."""
    operations = [{"family": "kettle", "step": 1, "process": "assembly", "hours": 0.1}]
    capabilities = [{"firm": f"M{n}", "process": "assembly", "cost_per_hour": 50.0} for n in range(4)]

    def worst(hours: float) -> float:
        capacity = [{"firm": f"M{n}", "process": "assembly", "hours": hours} for n in range(4)]
        tables = small(operations=operations, capabilities=capabilities, capacity=capacity)
        first = next(f for f in dependence(tables, LockInSettings()).findings if f.indicator == "risk_exposure")
        return float(first.value or 0.0)

    assert worst(1000.0) == 0.0
    assert worst(0.0) == pytest.approx(0.25, abs=0.06)


def test_materials_nobody_supplies_are_told_and_do_not_stop_the_rest() -> None:
    """A bill that is not joined to the sources: the material is named, and suppliers of the others are measured."""
    materials = [{"family": "kettle", "material": m, "quantity": 1.0} for m in ("resin", "screws")]
    sources = [
        {"material": "resin", "supplier": "X", "origin": "DE", "cost": 4.0},
        {"material": "unused", "supplier": "Z", "origin": "DE", "cost": 4.0},
    ]
    found = dependence(small(materials=materials, sources=sources), LockInSettings())
    assert any("screws" in f.sentence for f in found.findings if f.value is None)
    assert found.table is not None
    assert [row["node"] for row in found.table.to_pylist()] == ["X"]


def owing() -> Supply:
    """B is the only one that can deliver the ten units of a part that are owed already; A makes what is sold."""
    none = (np.array([], int), np.array([], int), np.array([]))
    return Supply(
        makes=np.array([0, 1]),
        node=np.array([0, 1]),
        needs=none,
        room=(np.array([0, 1]), np.array([0, 1]), np.ones(2)),
        limits=np.array([50.0, 50.0]),
        stock=np.array([100.0, -10.0]),
        demand=np.array([50.0, 0.0]),
        worth=np.array([7.0, 0.0]),
        nodes=("A", "B"),
    )


def test_a_programme_without_an_answer_is_no_zero() -> None:
    """Without B what is owed cannot be delivered: there is no loss to tell, and A's failure costs what it costs all the same."""
    found = exposure(owing(), 4.0)
    assert found.unsolved == {1: Status.INFEASIBLE}
    assert np.isnan([found.loss[1], found.weeks[1], found.index[1]]).all()
    assert found.loss[0] == pytest.approx(7 * (50 * 4 - 100))
    assert found.weeks[0] == pytest.approx(2.0)
    assert found.index[0] == 1.0


def test_a_programme_out_of_time_is_no_zero() -> None:
    """With no time to solve, it is not known of any node that its failure costs nothing."""
    found = exposure(one_part(0.0), 12.0, options=SolveOptions(seconds=0.0))
    assert set(found.unsolved) == {0, 1}
    assert np.isnan([found.loss, found.weeks]).all()


def test_where_nothing_depends_on_a_node_its_failure_costs_nothing() -> None:
    """A node that does nothing, and a programme in which nothing is made at all, have a true zero."""
    idle = exposure(replace(one_part(0.0), nodes=("main", "alternate", "idle")), 12.0, [2])
    assert (idle.loss[0], idle.weeks[0], idle.unsolved) == (0.0, np.inf, {})
    ints, floats = np.array([], int), np.array([])
    empty = Supply(ints, ints, (ints, ints, floats), (ints, ints, floats), floats, floats, floats, floats, ("idle",))
    nothing = exposure(empty, 12.0)
    assert (nothing.loss[0], nothing.weeks[0], nothing.base, nothing.unsolved) == (0.0, np.inf, 0.0, {})


def one_supplier_each() -> Tables:
    """Return the small cluster with a material and a supplier for each of its products."""
    materials = [{"sku": f"P{n}", "material": f"m{n}", "quantity": 1.0} for n in range(8)]
    sources = [{"material": f"m{n}", "supplier": f"X{n}", "origin": "DE", "cost": 4.0} for n in range(8)]
    return small(materials=materials, sources=sources)


def test_where_the_others_make_up_for_any_supplier_no_loss_is_told() -> None:
    """Of four suppliers of one material each can spare as much again: no weeks without end and no nought per cent are told."""
    materials = [{"sku": f"P{n}", "material": "m", "quantity": 1.0} for n in range(8)]
    sources = [{"material": "m", "supplier": f"X{n}", "origin": "DE", "cost": 4.0} for n in range(4)]
    made = dependence(small(materials=materials, sources=sources), LockInSettings(spare_share=1.0))
    told = {f.indicator: f for f in made.findings}
    assert told["risk_exposure"].value == 0.0
    assert "no sale is lost" in told["risk_exposure"].sentence
    assert "None of 4" in told["time_to_survive"].sentence
    assert not any("∞" in f.sentence + f.sentence_zh for f in made.findings)


def test_nodes_without_an_answer_are_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The finding names the node and how its programme ended; it stands neither in the table nor among the spared."""

    def without_x3(supply: Supply, weeks: float, nodes: Ints) -> Exposure:
        full = exposure(supply, weeks, nodes)
        place = [supply.nodes[n] for n in nodes].index("X3")
        loss, lasts = full.loss.copy(), full.weeks.copy()
        loss[place] = lasts[place] = np.nan
        return Exposure(loss, lasts, full.base, {place: Status.UNKNOWN})

    monkeypatch.setattr(depending, "exposure", without_x3)
    found = dependence(one_supplier_each(), LockInSettings())
    told = next(f for f in found.findings if f.indicator == "unsolved_nodes")
    assert "X3: unknown" in told.sentence
    assert "X3：未完成" in told.sentence_zh
    assert found.table is not None
    assert len(found.table) == 7
    assert "X3" not in found.table["node"].to_pylist()
    survive = next(f for f in found.findings if f.indicator == "time_to_survive")
    assert "of 7 suppliers" in survive.sentence


def test_what_is_too_much_to_look_at_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for six products and two suppliers, the reasons say how many were left out and which were kept."""
    monkeypatch.setattr(depending, "MOST_PRODUCTS", 6)
    monkeypatch.setattr(depending, "MOST_NODES", 2)
    found = dependence(one_supplier_each(), LockInSettings())
    said = {f.indicator: f.sentence for f in found.findings if f.value is None}
    assert "the 6 products that sell most" in said["products_left_out"]
    assert "the other 2" in said["products_left_out"]
    assert "the 2 suppliers and makers that can do most" in said["nodes_left_out"]
    assert "the 4 smaller ones" in said["nodes_left_out"]
    assert found.table is not None
    assert len(found.table) == 2
