"""Settings, the order of stages, and a run from tables to results."""

from jointplan.study.study import Run, Study

__all__ = ["Run", "Study"]
