"""The Brunel network: what becomes of its orders, what they cost, and in how many days they fit."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_flow

from jointplan.errors import UsageError
from jointplan.ingest.importers import ImportResult, import_files
from jointplan.ingest.importers.brunel import fewest_days, parcel, tidy
from jointplan.ingest.importers.brunel_files import Band, Network, Order, open_network
from jointplan.store import Workspace
from jointplan.study import Study

FILES = {
    "OrderList": (
        "Order ID,Order Date,Origin Port,Carrier,TPT,Service Level,Ship ahead day count,Ship Late Day count,Customer,"
        "Product ID,Plant Code,Destination Port,Unit quantity,Weight\n"
        "1,5/26/13,P1,C1,1,DTD,0,0,X,10,A,P9,100,5\n"
        "2,5/26/13,P1,C1,1,DTD,0,0,X,10,A,P9,100,5\n"
        "3,5/26/13,P1,C1,1,DTD,0,0,X,10,A,P9,100,30\n"
        "4,5/26/13,P1,C9,1,CRF,0,0,Y,11,A,P9,50,7\n"
        "0,5/26/13,P2,C2,1,DTD,0,0,X,10,B,P9,10,5\n"
    ),
    "FreightRates": (
        "Carrier,orig_port_cd,dest_port_cd,minm_wgh_qty,max_wgh_qty,svc_cd,minimum cost,rate,mode_dsc,tpt_day_cnt,Carrier type\n"
        "C1,P1,P9,0,9.99,DTD, $3.00 , $1.00 ,AIR   ,2,V\n"
        'C1,P1,P9,50,"1,999.99",DTD, $40.00 , $0.50 ,AIR   ,2,V\n'
        "C2,P2,P9,0,999,DTD, $1.00 , $0.10 ,AIR   ,2,V\n"
    ),
    "PlantPorts": "Plant Code,Port\nA,P1\nB,P2\n",
    "ProductsPerPlant": "Plant Code,Product ID\nA,10\nA,11\nB,10\nB,11\n",
    "VmiCustomers": "Plant Code,Customers\nB,X\n",
    "WhCapacities": "Plant ID,Daily Capacity \nA,2\nB,1\n",
    "WhCosts": "WH,Cost/unit\nA,$1.00\nB,$0.50\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A network of two plants: B is cheaper, serves customer X alone, and takes one order a day."""
    for name, text in FILES.items():
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    return tmp_path


def run(path: Path, into: Path, **options: str) -> ImportResult:
    return import_files("brunel", path, Workspace(into), options=options)


def notes(into: Path) -> dict[tuple[str, str], str]:
    rows = pq.read_table(into / "derived" / "assumptions.parquet").to_pylist()
    return {(row["item"], row["subject"]): row["value"] for row in rows}


def test_costs_by_hand(folder: Path, tmp_path: Path) -> None:
    """Handling 3 × 100 + 50 + 5; freight 5 + 5 + 1, and 40 for the order between two bands; the collected one is free."""
    result = run(folder, tmp_path / "w")
    assert (result.read, result.kept, result.rejected) == (5, 5, 0)
    found = notes(tmp_path / "w")
    assert found["recorded cost", "all orders"] == "406.00"
    assert found["recorded cost", "orders with a rate"] == "266.00"
    assert (found["orders without a rate", ""], found["collected orders", ""]) == ("1", "1")


def test_the_three_plans_by_hand(folder: Path, tmp_path: Path) -> None:
    """Recorded 406 in a day that holds 2 orders at A; separately as much, in two days; together B takes two of A's.

    B has room for two orders in two days: the heavy one (140 at A, 53 at B) and another (105 to 51), its own going to A
    (6 to 15).
    """
    run(folder, tmp_path / "w")
    made = Study.open(tmp_path / "w", {"plan.solve.seconds": 20.0}).run()
    value = made.manifest["figures"]["value"]
    assert value["recorded"] == pytest.approx(-406.0, abs=0.01)
    assert value["separate"] == pytest.approx(-406.0, abs=0.01)
    assert value["joint"] == pytest.approx(-(406 - (140 - 53) - (105 - 51) + (15 - 6)), abs=0.01)
    rules = [(row["plan"], row["rule"], row["amount"], row["unit"]) for row in made.tables["violations"].to_pylist()]
    assert rules == [("recorded", "capacity exceeded", 2.0, "orders")]
    assert made.manifest["verdict"] == "gain"


def test_orders_without_a_rate_can_be_left_out(folder: Path, tmp_path: Path) -> None:
    """They are rejected with that reason, and the recorded cost is that of the others."""
    result = run(folder, tmp_path / "w", rated="yes")
    assert (result.kept, result.rejected, result.reasons) == (4, 1, {"no_rate": 1})
    assert notes(tmp_path / "w")["recorded cost", "all orders"] == "266.00"


def test_what_cannot_be_read_is_rejected(folder: Path, tmp_path: Path) -> None:
    """Blank cells, unreadable days and negative weights are told apart; a missing file is named."""
    with (folder / "OrderList.csv").open("a") as file:
        file.write("5,,P1,C1,1,DTD,0,0,X,10,A,P9,100,5\n6,soon,P1,C1,1,DTD,0,0,X,10,A,P9,100,5\n")
        file.write("7,5/26/13,P1,C1,1,DTD,0,0,X,10,A,P9,100,-5\n8,5/26/13,P1,C1,1,DTD,0,0,X,10,A,P9,many,5\n")
    result = run(folder, tmp_path / "w")
    assert (result.read, result.kept) == (9, 5)
    assert set(result.reasons) == {"missing_value", "not_a_date", "negative_quantity", "not_a_number"}
    (folder / "WhCosts.csv").unlink()
    with pytest.raises(UsageError, match=r"WhCosts\.csv"):
        run(folder, tmp_path / "x")


bands = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 30), st.integers(0, 5), st.integers(0, 40)), min_size=1, max_size=6
)


@given(bands, st.floats(0, 120))
def test_tidied_bands_hold_every_weight_once(found: list[tuple[int, int, int, int]], weight: float) -> None:
    """They follow on one another from 0 to no end, and where a band holds the weight, none charges more than the dearest."""
    known = [Band(float(low), float(low + width), float(rate), float(least)) for low, width, rate, least in found]
    made = tidy(known)
    assert (made[0].low, made[-1].high) == (0.0, math.inf)
    assert all(a.high == b.low for a, b in pairwise(made))
    holding = [band.charge(weight) for band in known if band.low <= weight < band.high]
    if holding:
        assert parcel(made, weight) <= max(holding) + 1e-9


@settings(deadline=None)
@given(
    st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=1, max_size=12),
    st.lists(st.integers(1, 3), min_size=4, max_size=4),
)
def test_fewest_days_are_what_a_flow_finds(choices: list[set[int]], daily: list[int]) -> None:
    """In so many days all orders flow to the plants they may go to, and in one less they do not."""
    capacity = {str(n): float(d) for n, d in enumerate(daily)}
    # A product that several plants can handle is one of a name of its own.
    able = {plant: frozenset(str(n) for n, c in enumerate(choices) if int(plant) in c) for plant in capacity}
    net = Network((), (), {}, "P", {}, {}, able, {}, capacity, dict.fromkeys(capacity, 1.0))
    orders = [
        Order(n, str(n), date(2013, 5, 26), "P", "C", "DTD", "X", str(n), str(min(c)), 1.0, 1.0)
        for n, c in enumerate(choices)
    ]
    days, _ = fewest_days(net, orders)

    def served(n: int) -> int:
        size = 2 + len(choices) + 4
        edges = np.zeros((size, size), dtype=np.int32)
        for j, c in enumerate(choices):
            edges[0, 2 + j] = 1
            for plant in c:
                edges[2 + j, 2 + len(choices) + plant] = 1
        for plant, d in enumerate(daily):
            edges[2 + len(choices) + plant, 1] = d * n
        return int(maximum_flow(csr_matrix(edges), 0, 1).flow_value)

    assert served(days) == len(choices)
    assert days == 1 or served(days - 1) < len(choices)


@pytest.mark.real
def test_the_real_network(data: Path, tmp_path: Path) -> None:
    """All 9,215 orders are kept; 1,370 and the 854 collected ones have no rate; the days are those of a plain count."""
    folder = data / "brunel"
    result = run(folder, tmp_path)
    assert (result.read, result.kept, result.rejected) == (9215, 9215, 0)
    found = notes(tmp_path)
    assert int(found["orders without a rate", ""]) + int(found["collected orders", ""]) == 2224
    plants = [row["Plant Code"] for row in pacsv.read_csv(folder / "OrderList.csv").to_pylist()]
    net = open_network(folder)
    assert fewest_days(net, net.orders)[1] == max(math.ceil(plants.count(p) / net.capacity[p]) for p in set(plants))
    only = sum(net.eligible(order) == {"PLANT03"} for order in net.orders)
    assert int(found["days", ""]) >= math.ceil(only / net.capacity["PLANT03"])
    handling = sum(
        row["Unit quantity"] * net.cost[row["Plant Code"]]
        for row in pacsv.read_csv(folder / "OrderList.csv").to_pylist()
    )
    assert float(found["recorded cost", "all orders"]) > handling
    assert float(found["recorded cost", "all orders"]) == pytest.approx(handling, rel=0.01)
    lines: list[dict[str, Any]] = pq.read_table(tmp_path / "derived" / "recorded.parquet").to_pylist()
    assert sum(row["quantity"] for row in lines if row["activity"] == "make") == 9215
