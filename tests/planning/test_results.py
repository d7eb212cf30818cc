"""The tables of a run say what the plans say."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from jointplan.planning.results import plan_tables
from jointplan.schema.results import RESULTS
from tests.planning.solved import START, solved

FIRMS = pa.table(
    {
        "firm": ["M0", "M1", "S0", "S1", "carrier"],
        "owner": ["M0", None, "S", "S", None],
        "role": ["maker", "maker", "seller", "seller", "carrier"],
    }
)


@pytest.fixture(scope="module", params=[1, 2])
def plans(request):
    """Three plans; the plan with shared freight alone stands in for the recorded one."""
    return {
        "joint": solved(request.param, "joint"),
        "separate": solved(request.param, "separate"),
        "recorded": solved(request.param, "freight"),
    }


@pytest.fixture(scope="module")
def tables(plans):
    return plan_tables(plans, START, FIRMS)


def test_every_table_is_as_declared(tables):
    """Tables have the declared columns, fill the required ones, keep bounds and choices, and have unique keys."""
    declared = {table.name: table for table in RESULTS}
    assert set(tables) == {
        "lots", "steps", "load", "stock_plan", "shipments", "deliveries", "purchases", "ledger", "values", "violations",
        "gains", "investments", "batches", "drawn_materials", "kept_materials",
    }  # fmt: skip
    for name, made in tables.items():
        table = declared[name]
        assert made.schema.equals(table.arrow), name
        for column in table:
            values = made[column.name].to_pylist()
            if column.required:
                assert None not in values, (name, column.name)
            if column.low is not None:
                assert min((v for v in values if v is not None), default=column.low) >= column.low
            if column.choices:
                assert set(values) <= set(column.choices)
        if table.key:
            keys = Counter(tuple(row[k] for k in table.key) for row in made.to_pylist())
            assert max(keys.values(), default=1) == 1, (name, keys.most_common(1))
        assert len(made) or name in (
            "violations",
            "purchases",
            "drawn_materials",
            "kept_materials",
            "steps",
            "investments",
        )


def test_quantities_and_hours_are_the_plans(tables, plans):
    """Units made, sent, held and delivered, hours and freight add up to the plan's own."""
    lots, sent, held, met = (tables[n].to_pandas() for n in ("lots", "shipments", "stock_plan", "deliveries"))
    load = tables["load"].to_pandas()
    for name, plan in plans.items():
        mine = lots[lots["plan"] == name]
        assert mine["quantity"].sum() == pytest.approx(plan.make.sum(), abs=1e-2)
        assert mine["hours"].sum() == pytest.approx(plan.run_hours.sum(), abs=1e-3)
        assert mine["setup_hours"].sum() == pytest.approx(plan.setup_hours.sum(), abs=1e-3)
        moves = sent[sent["plan"] == name]
        assert moves["quantity"].sum() == pytest.approx(plan.ship.sum(), abs=1e-2)
        assert moves["cost"].sum() == pytest.approx(plan.accounts.unit_freight.sum() + plan.load_cost.sum(), abs=0.05)
        boxes = plan.load_quantity[np.isin(plan.loads.lane, plan.problem.containers.lane)].sum()
        assert moves["containers"].sum() == pytest.approx(boxes, abs=1e-6)
        assert held.loc[held["plan"] == name, "quantity"].sum() == pytest.approx(plan.stock.sum(), abs=1e-2)
        assert met.loc[met["plan"] == name, "delivered"].sum() == pytest.approx(plan.serve.sum(), abs=1e-2)
        hours = load[load["plan"] == name]
        assert hours["run_hours"].sum() == pytest.approx(plan.run_hours.sum())
        assert set(hours["process"]) == {"work"}


def test_units_follow_their_seller(tables, plans):
    """What is sent for a seller reaches its own customers, pooled or not."""
    sent, met = tables["shipments"].to_pandas(), tables["deliveries"].to_pandas()
    final = sent[(sent["destination"] == "X0") & (sent["arrives"] < START + timedelta(weeks=4))]
    for name in plans:
        arrived = final[final["plan"] == name].groupby(["sku", "seller"])["quantity"].sum()
        delivered = met[met["plan"] == name].groupby(["sku", "seller"])["delivered"].sum()
        assert len(arrived) == 6
        for key, units in arrived.items():
            assert units == pytest.approx(delivered[key], abs=1e-2)


def test_lots_are_named_by_maker_product_and_week(tables):
    """The first separate lot in the first ISO week of 2026 has a name people can read and repeat."""
    names = {
        row["lot"]: (row["plan"], row["maker"], row["sku"], row["week"].isocalendar())
        for row in tables["lots"].to_pylist()
    }
    for name, (plan, maker, sku, (year, week, _)) in names.items():
        assert name.startswith(f"{plan[0].upper()}-{maker}-{sku}-{year}{week:02d}-")
    moved = tables["lots"].to_pandas().query("plan == 'separate'")["moved"]
    assert not moved.any()


def test_gains_are_the_ledgers(tables, plans):
    """Each plan's column of gains adds up to its value, and the hub and its cost stand apart."""
    gains, values = tables["gains"].to_pandas().set_index("firm"), tables["values"].to_pandas().set_index("plan")
    assert list(gains.index) == ["M0", "M1", "S0", "S1", "hub"]
    for name in plans:
        assert round(gains[name].sum(), 2) == values.loc[name, "value"]
    assert gains.loc["hub", "joint"] == pytest.approx(-4 * 123.456, abs=0.04)
    assert gains.loc["hub", "separate"] == 0
    assert gains.loc["M1", "owner"] == "M1"
    assert (values["gap_avoidable"] >= 0).all()
    assert (values["violations"] == 0).all()
