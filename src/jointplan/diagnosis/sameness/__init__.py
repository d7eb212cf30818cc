"""Sameness and inertia: goods alike, price wars, niches shared, and how little is new."""

from jointplan.diagnosis.sameness.measure import measure_niches, measure_sameness

__all__ = ["measure_niches", "measure_sameness"]
