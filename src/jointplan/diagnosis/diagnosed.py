"""What one topic of the diagnosis gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from jointplan.diagnosis.finding import Finding


@dataclass(frozen=True)
class Diagnosed:
    """The findings of a topic, and the detail its pictures are drawn from.

    Parameters
    ----------
    findings : tuple of Finding
        What was found, and what could not be measured.
    tables : mapping
        Detail tables by name, as ``schema/results/`` declares them: ``diagnosis_firms`` and others.
    """

    findings: tuple[Finding, ...]
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
