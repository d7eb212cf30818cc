"""The words the report uses for codes: accounts, plans, modes, roles."""

from __future__ import annotations

from jointplan.texts import tr

PLANS = {"recorded": "As recorded", "separate": "Separate plans", "joint": "Joint plan"}
ACCOUNTS = {
    "revenue": "Revenue",
    "transfer": "Trade between makers and sellers",
    "material": "Materials",
    "making": "Making",
    "overtime": "Overtime",
    "setup": "Setups",
    "freight": "Freight",
    "handling": "Handling",
    "storage": "Storage",
    "holding": "Stock holding",
    "late": "Late deliveries",
    "goodwill": "Goodwill (not cash)",
    "end_stock": "Stock left at the end",
    "hub": "Hub",
}
MODES = {"parcel": "Parcel", "air": "Air", "sea": "Sea", "road": "Road", "rail": "Rail"}
SIDES = {"maker": "Makers", "seller": "Sellers", "both": "Makers that also sell", "hub": "Hub"}
STATUSES = {
    "optimal": "proven best",
    "feasible": "stopped at the limit",
    "time_limit": "stopped at the time limit",
    "recorded": "as recorded",
    "interrupted": "interrupted",
}
UNITS = {
    "containers": "containers",
    "hours": "hours",
    "ratio": "ratio",
    "seconds": "seconds",
    "share": "share",
    "units": "units",
    "units per week": "units per week",
    "money": "{currency}",
    "money per unit": "{currency} per unit",
}
ORIGINS = {"forecast": "forecast", "orders": "open orders", "sales": "real sales"}

VOCABULARIES = (PLANS, ACCOUNTS, MODES, SIDES, STATUSES, ORIGINS, UNITS)


def word(vocabulary: dict[str, str], code: str) -> str:
    """Return a code as people say it; a code without a word stays as it is."""
    return tr(vocabulary[code]) if code in vocabulary else str(code)
