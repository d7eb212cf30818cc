"""Lock-in and dependence: on what few markets, buyers, suppliers and materials the cluster lives."""

from jointplan.diagnosis.lock_in.measure import measure_lock_in

__all__ = ["measure_lock_in"]
