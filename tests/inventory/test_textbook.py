"""Every textbook instance is planned by a test here or by one of the plan, or named with the reason why it is not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from jointplan.inventory.distributions import NormalDemand
from jointplan.inventory.newsvendor import newsvendor
from jointplan.inventory.reorder import best_reorder, reorder_cost
from tests.inventory.networks import textbook

NOT_PLANNED = {
    "stochastic-service networks: the room plans networks by guaranteed service": (
        "example_6_1", "problem_6_1", "problem_6_2a", "problem_6_2b", "problem_6_2a_adj", "problem_6_2b_adj", "problem_6_16",
        "shang_song_1", "shang_song_9", "shang_song_17", "shang_song_25", "assembly_3_stage", "rosling_figure_1",
        "rong_atan_snyder_figure_1a", "rong_atan_snyder_figure_1b", "rong_atan_snyder_figure_1c",
    ),
    "a drawing of a tree without times or costs": ("figure_6_12",),
    "a purchase price that changes from week to week: no table has one": ("scmo_ww_hw_c",),
    "a finite production rate, which the plan's capacity stands for": ("problem_3_22",),
    "quantity discounts on orders that cost something each, kept at the price paid: *sources* has the discounts alone": ("example_3_5", "problem_3_12"),
    "an ending season with terminal costs; the plan's horizon is handled by its end stock": ("problem_4_29", "problem_4_30"),
    "supply that fails or yields at random: lead times vary here, quantities do not": (
        "example_9_1", "problem_9_8", "example_9_3", "example_9_4", "example_9_5", "problem_9_4a", "problem_9_4b", "example_9_6",
        "problem_9_5",
    ),
}  # fmt: skip


@pytest.mark.real
def test_every_instance_is_accounted_for(data: Path) -> None:
    """The names in the tests of this folder and of the plan, and those of the list above, are all 70, and none is in both."""
    every, here = set(textbook(data / "bench" / "stockpyl")), Path(__file__).parent
    files = [*here.glob("test_*.py"), *(here.parent / "planning").glob("test_*.py")]
    left_out = [name for names in NOT_PLANNED.values() for name in names]
    assert len(left_out) == len(set(left_out))
    counted = every & set().union(*(_called(file) for file in files))
    assert not counted & set(left_out)
    assert counted | set(left_out) == every


def _called(file: Path) -> set[str]:
    """Return the strings of a file, less those of the list of what is left out."""
    tree = ast.parse(file.read_text("utf-8"))
    body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.Assign) and "NOT_PLANNED" in ast.unparse(node.targets[0]))
    ]
    return {
        node.value
        for part in body
        for node in ast.walk(part)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "quantity", "cost"),
    [("example_3_1", 304.0467800264368, 68.41052550594829), ("problem_3_1", 1728.1116, 475230.69)],
)
def test_economic_order_quantities(data: Path, name: str, quantity: float, cost: float) -> None:
    """Demand that is known, never to be short of: the best (r, Q) becomes the economic order quantity √(2Kλ/h)."""
    given = textbook(data / "bench" / "stockpyl")[name]
    holding, fixed, rate = given["holding_cost"], given["fixed_cost"], given["demand_rate"]
    best = best_reorder(NormalDemand(0, 1e-6 * rate), rate=rate, holding=holding, shortage=1e6 * holding, fixed=fixed)
    assert best.order_quantity == pytest.approx((2 * fixed * rate / holding) ** 0.5, rel=1e-3)
    assert best.order_quantity == pytest.approx(quantity, rel=1e-3)
    assert best.cost == pytest.approx(cost, rel=1e-3)


@pytest.mark.real
@pytest.mark.parametrize("name", ["example_3_8", "problem_3_2b"])
def test_economic_order_quantities_with_backorders(data: Path, name: str) -> None:
    """Demand that is known and may be owed: Q = √(2Kλ(h + p)/(hp)) at a cost of √(2Kλhp/(h + p)) (Snyder and Shen, eq. 3.27)."""
    given = textbook(data / "bench" / "stockpyl")[name]
    h, p = given["holding_cost"], given["stockout_cost"]
    k, rate = given["fixed_cost"], given["demand_rate"]
    demand = NormalDemand(0, 1e-6 * rate)
    best = best_reorder(demand, rate=rate, holding=h, shortage=p, fixed=k)
    assert best.order_quantity == pytest.approx((2 * k * rate * (h + p) / (h * p)) ** 0.5, rel=1e-3)
    assert best.cost == pytest.approx((2 * k * rate * h * p / (h + p)) ** 0.5, rel=1e-3)
    again = reorder_cost(
        best.reorder_point, best.order_quantity, demand=demand, rate=rate, holding=h, shortage=p, fixed=k
    )
    assert again == pytest.approx(best.cost)


@pytest.mark.real
def test_a_network_of_one(data: Path) -> None:
    """The newsvendor written as a network of one stage has the newsvendor's level."""
    node = textbook(data / "bench" / "stockpyl")["example_4_1_network"]["_nodes"][0]
    source = node["demand_source"]
    demand = NormalDemand(source["mean"], source["standard_deviation"])
    best = newsvendor(demand, holding=node["local_holding_cost"], shortage=node["stockout_cost"])
    assert best.level == pytest.approx(56.60395592743389)
