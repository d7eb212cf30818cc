"""Something that was assumed because no table said it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import pyarrow as pa

from jointplan.schema.results.basis import ASSUMPTIONS


@dataclass(frozen=True)
class Assumption:
    """One row of the **assumptions** table; see there for the fields."""

    item: str
    rule: str
    rule_zh: str
    replaced_by: str
    subject: str = ""
    value: str = ""
    unit: str = ""


def assumptions_table(assumptions: Iterable[Assumption]) -> pa.Table:
    """Return assumptions as the table a run writes, each (item, subject) once."""
    unique = {(a.item, a.subject): a for a in assumptions}
    return pa.Table.from_pylist([asdict(a) for a in unique.values()], schema=ASSUMPTIONS.arrow)
