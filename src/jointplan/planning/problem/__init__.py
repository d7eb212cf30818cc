"""The cluster's planning problem as arrays: ``problem`` has it all, the other files its parts."""

from jointplan.planning.problem.arrays import Bools, Floats, Ints
from jointplan.planning.problem.buying import NO_MATERIALS, Credit, Materials
from jointplan.planning.problem.lanes import NO_SITES, NO_SPACES, Bands, Containers, Sites, Spaces
from jointplan.planning.problem.problem import ClusterProblem
from jointplan.planning.problem.setups import LEAST_KEPT, CarryOver
from jointplan.planning.problem.terms import NO_CERTIFICATES, NO_DESIGNS, NO_TERMS, Certificates, Designs, Terms
from jointplan.planning.problem.unlocking import NO_INVESTMENTS, Entries, Investments
from jointplan.planning.problem.work import (
    NO_APPROVED,
    NO_DIVISION,
    NO_OPENING,
    SUPPLY,
    Approved,
    Division,
    Opening,
    chain_firms,
)

__all__ = [
    "LEAST_KEPT",
    "NO_APPROVED",
    "NO_CERTIFICATES",
    "NO_DESIGNS",
    "NO_DIVISION",
    "NO_INVESTMENTS",
    "NO_MATERIALS",
    "NO_OPENING",
    "NO_SITES",
    "NO_SPACES",
    "NO_TERMS",
    "SUPPLY",
    "Approved",
    "Bands",
    "Bools",
    "CarryOver",
    "Certificates",
    "ClusterProblem",
    "Containers",
    "Credit",
    "Designs",
    "Division",
    "Entries",
    "Floats",
    "Ints",
    "Investments",
    "Materials",
    "Opening",
    "Sites",
    "Spaces",
    "Terms",
    "chain_firms",
]
