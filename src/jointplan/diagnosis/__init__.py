"""What holds the cluster back: structure, sameness, lock-in, dependence, information flow, co-development."""

from jointplan.diagnosis.diagnose import diagnose
from jointplan.diagnosis.flows import has_flows, with_flows
from jointplan.diagnosis.settings import DiagnosisSettings

__all__ = ["DiagnosisSettings", "diagnose", "has_flows", "with_flows"]
