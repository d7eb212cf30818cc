"""The synthetic cluster."""

from jointplan.sample.writing import write_sample

__all__ = ["write_sample"]
