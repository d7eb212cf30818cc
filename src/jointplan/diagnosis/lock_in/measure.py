"""The topic: locked in, and dependent on few."""

from __future__ import annotations

from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.settings import LockInSettings
from jointplan.engine import Tables


def measure_lock_in(tables: Tables, settings: LockInSettings, *, currency: str) -> Diagnosed:
    """Measure on how few the cluster depends."""
    return Diagnosed(())
