"""The topic: scattered, or tied to its core."""

from __future__ import annotations

from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.settings import StructureSettings
from jointplan.engine import Tables


def measure_structure(tables: Tables, settings: StructureSettings, *, seed: int) -> Diagnosed:
    """Measure how scattered the cluster is."""
    return Diagnosed(())
