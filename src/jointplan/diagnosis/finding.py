"""One finding: what was measured, against what, how sure, and what would help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

import pyarrow as pa

from jointplan.schema import TABLES
from jointplan.texts import both

Topic = Literal["structure", "sameness", "lock_in", "information", "logistics", "codevelopment"]
Strand = Literal["production", "supply_chain", "data", "ecosystem"]
Comparison = Literal["null", "norm", "past", "others"]


@dataclass(frozen=True)
class Finding:
    """One row of the **findings** table; see there for the fields.

    A finding without enough data has no value: its sentence is the reason.
    """

    topic: Topic
    indicator: str
    strand: Strand
    sentence: str
    sentence_zh: str
    rows: str
    subject: str = ""
    value: float | None = None
    unit: str = ""
    comparison: Comparison | None = None
    reference: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    severity: float | None = None
    measure: str = ""
    plan: str | None = None


def unmeasured(topic: Topic, indicator: str, strand: Strand, reason: str, rows: str, **values: object) -> Finding:
    """Return the finding that an indicator could not be measured, with the reason and its cure in it."""
    return Finding(topic, indicator, strand, *both(reason, **values), rows=rows)


def findings_table(findings: Iterable[Finding]) -> pa.Table:
    """Return findings as the table a run writes; what is no complaint (severity 0) names no measure that would help."""
    rows = [asdict(finding) | ({"measure": ""} if finding.severity == 0 else {}) for finding in findings]
    return pa.Table.from_pylist(rows, schema=TABLES["findings"].arrow)
