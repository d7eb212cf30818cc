"""Compile the search once, before several processes of tests would each do so at the same time: python -m tests.compiled."""

from __future__ import annotations

from jointplan.planning.model import build_model
from jointplan.planning.network import build_network
from jointplan.planning.rights import MEASURES, coalition_rights
from jointplan.planning.solving.bounding import PriceBound
from jointplan.planning.solving.improving import PieceSearch
from tests.planning.cases import random_cluster

if __name__ == "__main__":
    problem = random_cluster(0)
    rights = coalition_rights(problem, frozenset(MEASURES))
    model = build_model(problem, rights, build_network(problem, rights))
    prices = PriceBound(model)
    prices.round(0.0)
    search = PieceSearch(model, prices, seed=0)
    search.compile()
    search.begin()
    search.take(search.plan())
