"""The topic: how far the cluster and its e-commerce develop together."""

from __future__ import annotations

from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.settings import CodevelopmentSettings
from jointplan.engine import Tables


def measure_codevelopment(tables: Tables, settings: CodevelopmentSettings) -> Diagnosed:
    """Measure how far the two systems develop together."""
    return Diagnosed(())
