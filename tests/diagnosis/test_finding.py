"""What a finding is when it is stored."""

from __future__ import annotations

from jointplan.diagnosis.finding import Finding, findings_table


def test_what_is_no_complaint_names_no_cure() -> None:
    """A measure that would help stands beside a complaint, or where nothing is said of severity, and not beside good news."""
    told = [
        Finding(
            "structure", "single_tie", "production", "A", "甲", "ties: 1", severity=severity, measure="share_capacity"
        )
        for severity in (0.0, 0.2, None)
    ]
    assert findings_table(told)["measure"].to_pylist() == ["", "share_capacity", "share_capacity"]
