"""The cluster's structure: who is tied to whom, where firms lie, what the cluster is special in."""

from jointplan.diagnosis.structure.measure import measure_structure

__all__ = ["measure_structure"]
