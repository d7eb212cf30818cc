"""The small bars of a ranked table are as high as the sales they stand for."""

from jointplan.report.heat import sparkline


def test_sparklines_follow_their_values() -> None:
    """The greatest value is the highest bar, nothing is the lowest, and no values give no bars."""
    assert sparkline([0.0, 1.0, 2.0, 7.0]) == "▁▂▃█"
    assert sparkline([0.0, 0.0]) == "▁▁"
    assert sparkline([1e9, 1.0]) == "█▁"
    assert sparkline([]) == ""
