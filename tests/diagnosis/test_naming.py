"""What is said of a firm or a product has its name before its code."""

from __future__ import annotations

from jointplan.diagnosis.finding import Finding
from jointplan.diagnosis.naming import names_of, with_names
from tests.diagnosis.cluster import small


def said(text: str, **changes: object) -> tuple[str, str]:
    """Return what is said of a cluster whose supplier P002 is Meier, whose firm P003 has no name, and whose product K-7 is a jug."""
    firms = [{"firm": "P002", "name": "Meier"}, {"firm": "P003"}, {"firm": "P004", "name": "P004"}]
    products = [
        {"sku": "K-7", "title": "Jug", "family": "kettle"},
        {"sku": "P002", "title": "a product of the same code"},
    ]
    names = names_of(small(firms=firms, products=products))
    (found,) = with_names([Finding("lock_in", "x", "data", text, text, "firms: 1")], names)
    return found.sentence, found.sentence_zh


def test_names_stand_before_codes() -> None:
    """In both languages; a code without a name, a part of a longer one, and a number stay; a name that is there already is not said twice."""
    assert said("From P002 and P003, P004, XP002, P002-a, 2024, K-7.") == (
        "From Meier (P002) and P003, P004, XP002, P002-a, 2024, Jug (K-7).",
        "From Meier（P002）and P003, P004, XP002, P002-a, 2024, Jug（K-7）.",
    )
    assert said("Meier, P002")[0] == "Meier, P002"
