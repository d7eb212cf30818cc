"""The one door to HiGHS: arrays in, certified result out."""

from jointplan.solvers.linear import LinearModel, ModelBuilder
from jointplan.solvers.report import SolveOptions, SolveReport, Status

__all__ = ["LinearModel", "ModelBuilder", "SolveOptions", "SolveReport", "Status"]
