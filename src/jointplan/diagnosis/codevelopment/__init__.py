"""Co-development: how far the cluster and its e-commerce develop together, and what holds that down."""

from jointplan.diagnosis.codevelopment.measure import measure_codevelopment

__all__ = ["measure_codevelopment"]
