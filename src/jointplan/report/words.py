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
    "duty": "Duty, tax and fees, less refund",
    "opening": "Opening of sites",
    "entry": "Market entry",
    "promotion": "Promotion",
    "investment": "Learning and workshops",
    "interest": "Dear borrowing",
    "handling": "Handling",
    "storage": "Storage",
    "holding": "Stock holding",
    "late": "Late deliveries",
    "goodwill": "Goodwill (not cash)",
    "end_stock": "Stock left at the end",
    "hub": "Hub",
}
CLASSES = {
    "smooth": "smooth",
    "intermittent": "intermittent",
    "erratic": "erratic",
    "lumpy": "lumpy",
    "sparse": "sparse",
}
PARTS = {"all": "All", "class": "Class", "market": "Market", "ahead": "Weeks ahead"}
MODES = {"parcel": "Parcel", "air": "Air", "sea": "Sea", "road": "Road", "rail": "Rail"}
SIDES = {
    "maker": "Makers",
    "seller": "Sellers",
    "both": "Makers that also sell",
    "workshop": "Shared workshops",
    "hub": "Hub",
}
STATUSES = {
    "optimal": "proven best",
    "feasible": "stopped at the limit",
    "unknown": "no plan proven",
}
UNITS = {
    "containers": "containers",
    "hours": "hours",
    "ratio": "ratio",
    "seconds": "seconds",
    "share": "share",
    "basis units": "basis units",
    "units": "units",
    "units per week": "units per week",
    "material units": "material units",
    "multiples": "multiples",
    "markets": "markets",
    "sites": "sites",
    "processes": "processes",
    "workshops": "workshops",
    "orders": "orders",
    "unit-weeks": "unit-weeks",
    "weeks": "weeks",
    "money": "{currency}",
    "money per week": "{currency} per week",
    "money per hour": "{currency} per hour",
    "money per unit": "{currency} per unit",
}
RULES = {
    "arrived before it was wanted": "arrived before it was wanted",
    "capacity exceeded": "capacity exceeded",
    "delivered without a certificate": "delivered without a certificate",
    "handed over before wanted": "handed over before wanted",
    "handed over without arriving": "handed over without arriving",
    "later than customers wait": "later than customers wait",
    "quantity below zero": "quantity below zero",
    "shared without the right": "shared without the right",
    "lot below the minimum batch": "lot below the minimum batch",
    "hours kept for oneself exceeded": "hours kept for oneself exceeded",
    "lane space exceeded": "lane space exceeded",
    "made by a firm that is not capable": "made by a firm that is not capable",
    "made by a partner who is refused": "made by a partner who is refused",
    "made before it is learned or opened": "made before it is learned or opened",
    "steps divided without the right": "steps divided without the right",
    "made, but nobody is known to be able to make it": "made, but nobody is known to be able to make it",
    "recorded for a product or seller that is not planned": "recorded for a product or seller that is not planned",
    "room exceeded": "room exceeded",
    "shipped on a lane that does not lead there": "shipped on a lane that does not lead there",
    "stock below zero": "stock below zero",
    "decided lots beyond the hours there are": "decided lots beyond the hours there are",
    "decided lot not kept": "decided lot not kept",
    "throughput exceeded": "throughput exceeded",
    "made elsewhere for a protected customer": "made elsewhere for a protected customer",
    "material used before it has come": "material used before it has come",
    "order the supplier does not accept": "order the supplier does not accept",
    "order that is no multiple": "order that is no multiple",
    "ordered before the plan begins": "ordered before the plan begins",
}
TOPICS = {
    "structure": "Structure",
    "sameness": "Sameness",
    "lock_in": "Lock-in and dependence",
    "information": "Information",
    "logistics": "Logistics, marketing, quality",
    "codevelopment": "Co-development",
}
STRANDS = {
    "production": "Production management",
    "supply_chain": "Supply chain",
    "data": "Data sharing",
    "ecosystem": "Ecosystem",
}
DIMENSIONS = {
    "market": "Markets",
    "channel": "Channels",
    "buyer": "Buyers",
    "supplier": "Suppliers",
    "material": "Materials",
    "origin": "Origins",
}
COMPARISONS = {
    "null": "by chance",
    "norm": "published norm",
    "past": "own past",
    "others": "others",
}
# Measures of the path that no plan counts yet; those it counts are named in jointplan.schema.measures.
HELPS = {
    "add_capability": "Added capabilities",
    "open_shared_workshop": "Shared workshop",
    "overseas_warehouse": "Overseas warehouse",
    "joint_promotion": "Joint promotion",
    "license_designs": "Licensed designs",
    "differentiate": "Differentiation",
    "share_demand_data": "Shared demand data",
    "net_settlement": "Net settlement",
}
ROLES = {
    "maker": "Maker",
    "seller": "Seller",
    "both": "Maker that also sells",
    "supplier": "Supplier",
    "carrier": "Carrier",
    "workshop": "Shared workshop",
}
ORIGINS = {"forecast": "forecast", "orders": "open orders", "sales": "real sales"}
PHASES = {"rising": "Rising", "peak": "At its peak", "fading": "Fading", "steady": "Steady"}
INDICES = {
    "expected": "Expected growth",
    "rank_mean": "Mean of ranks",
    "growth_rate": "Growth rate",
    "last_period": "Last period",
}
ADVICE = {"test": "Make a test batch", "wait": "Wait", "repeat": "Repeat", "stop": "Stop"}
LAUNCH_METHODS = {
    "courses": "Courses of analogues",
    "family": "What the family's launches sold",
    "family_mean": "Their mean",
    "scaled_naive": "The rate so far, as launches go on",
    "rate_so_far": "The rate so far",
}

VOCABULARIES = (
    PLANS,
    ACCOUNTS,
    MODES,
    SIDES,
    STATUSES,
    ORIGINS,
    UNITS,
    RULES,
    TOPICS,
    STRANDS,
    DIMENSIONS,
    COMPARISONS,
    HELPS,
    ROLES,
    PHASES,
    INDICES,
    ADVICE,
    LAUNCH_METHODS,
)


def word(vocabulary: dict[str, str], code: str) -> str:
    """Return a code as people say it; a code without a word stays as it is."""
    return tr(vocabulary[code]) if code in vocabulary else str(code)
