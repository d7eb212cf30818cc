"""Published networks as problems of guaranteed service."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np

from jointplan.inventory.guaranteed import ServiceNetwork, root_costs


def network(
    names: Sequence[str],
    arcs: Sequence[tuple[int, int]],
    times: Sequence[int],
    holding: Sequence[float],
    deviations: Sequence[float],
    z: float,
    inbound: Mapping[int, int],
    promised: Mapping[int, int],
) -> ServiceNetwork:
    """Return a network whose demand is bounded by z·σ·√τ."""
    n = len(names)
    fixed = {
        "names": tuple(names),
        "arcs": tuple(arcs),
        "times": np.array(times),
        "inbound": np.array([inbound.get(k, 0) for k in range(n)]),
        "promised": np.array([promised.get(k, -1) for k in range(n)]),
    }
    longest = ServiceNetwork(**fixed, costs=(np.zeros(1000),) * n).longest  # type: ignore[arg-type]  # fields of ServiceNetwork
    return ServiceNetwork(**fixed, costs=tuple(root_costs(deviations, holding, z, longest)))  # type: ignore[arg-type]  # fields of ServiceNetwork


def published(folder: Path, name: str, rate: float) -> tuple[ServiceNetwork, dict[str, Any]]:
    """Read a network of bench/guaranteed_service and its solution; cost of a stage is that of all stages up to it."""
    rows = [row + [""] * 10 for row in csv.reader((folder / f"{name}.txt").read_text("utf-8").splitlines())][1:]
    names = [row[0] for row in rows]
    place = {n: k for k, n in enumerate(names)}
    arcs = [(place[up], k) for k, row in enumerate(rows) for up in row[8::2] if up]
    deviations = [float(row[6] or 0) for row in rows]
    worth = [float(row[3]) for row in rows]
    blank = ServiceNetwork(
        tuple(names), tuple(arcs), np.array([int(row[1]) for row in rows]), (np.zeros(1000),) * len(rows),
        np.zeros(len(rows), int), np.array([int(row[2]) if row[2] else -1 for row in rows]),
    )  # fmt: skip
    for k in blank.order:
        worth[k] += sum(worth[i] for i in blank.suppliers[k])
    for k in reversed(blank.order):
        if blank.customers[k]:
            deviations[k] = sqrt(sum(deviations[j] ** 2 for j in blank.customers[k]))
    costs = tuple(root_costs(deviations, [rate * w for w in worth], 1.645, blank.longest))
    solution = dict(json.loads((folder / f"{name}_solution.json").read_text()))
    return ServiceNetwork(blank.names, blank.arcs, blank.times, costs, blank.inbound, blank.promised), solution


def textbook(folder: Path) -> dict[str, Any]:
    """Read the textbook instances."""
    rows = json.loads((folder / "stockpyl_instances.json").read_text())["instances"]
    return {row["name"]: row["data"] for row in rows}


def textbook_network(
    data: Mapping[str, Any], promised: Mapping[int, int] | None = None
) -> tuple[ServiceNetwork, list[int]]:
    """Return a guaranteed-service network of the textbook, and the textbook's number of each stage."""
    nodes = data["_nodes"]
    numbers = [node["_index"] for node in nodes]
    place = {number: k for k, number in enumerate(numbers)}
    arcs = [(place[i], place[node["_index"]]) for node in nodes for i in node["_predecessor_indices"]]
    below: dict[int, float] = {}

    def variance(number: int) -> float:
        if number not in below:
            node = nodes[place[number]]
            own = float((node["demand_source"] or {}).get("standard_deviation") or 0) ** 2
            below[number] = own + sum(variance(j) for j in node["_successor_indices"])
        return below[number]

    out = {place[node["_index"]]: node["external_outbound_cst"] for node in nodes}
    chosen = {place[k]: v for k, v in (promised or {}).items()}
    found = network(
        [str(number) for number in numbers],
        arcs,
        [node["processing_time"] for node in nodes],
        [node["local_holding_cost"] for node in nodes],
        [sqrt(variance(number)) for number in numbers],
        nodes[0]["demand_bound_constant"],
        {k: node["external_inbound_cst"] or 0 for k, node in enumerate(nodes)},
        {k: v for k, v in out.items() if v is not None} | chosen,
    )
    return found, numbers
