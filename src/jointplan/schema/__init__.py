"""What each table must look like, declared once.

The declarations give the checks, the blank templates and the reference page.
"""

from jointplan.schema.assumption import Assumption, assumptions_table
from jointplan.schema.declare import AllOrNone, Column, Kind, NoOverlap, OneOf, Ordered, Rule, Table
from jointplan.schema.inputs import INPUTS
from jointplan.schema.inputs.decided import CHAIN
from jointplan.schema.results import RESULTS
from jointplan.schema.results.forecasts import QUANTILES

TABLES: dict[str, Table] = {table.name: table for table in (*INPUTS, *RESULTS)}

__all__ = [
    "CHAIN",
    "INPUTS",
    "QUANTILES",
    "RESULTS",
    "TABLES",
    "AllOrNone",
    "Assumption",
    "Column",
    "Kind",
    "NoOverlap",
    "OneOf",
    "Ordered",
    "Rule",
    "Table",
    "assumptions_table",
]
