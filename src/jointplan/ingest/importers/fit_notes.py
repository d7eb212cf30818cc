"""What is said of a fit: how far it is off on deliveries it was not made from."""

from __future__ import annotations

from jointplan.ingest.importers.freight import FOLDS, FitError
from jointplan.schema import Assumption

FREIGHT_ERROR = "freight error out of sample"


def seen(number: int, one: str, many: str) -> str:
    """Return a number of observations with the English word for them.

    >>> seen(1, "load", "loads")
    '1 load'
    """
    return f"{number} {one if number == 1 else many}"


def fit_error_notes(subject: str, charge: FitError | None, transit: FitError | None) -> list[Assumption]:
    """Return the errors of fitted charges and days, out of sample; nothing where observations are too few.

    Parameters
    ----------
    subject : str
        What was fitted, such as a mode.
    charge, transit : FitError or None
        Error of the charges, a share, and of the days.
    """
    notes = []
    if charge is not None:
        notes.append(
            Assumption(
                item=FREIGHT_ERROR,
                subject=subject,
                value=f"{100 * charge.typical:.1f}",
                unit="%",
                rule=f"Each of {FOLDS} parts of the {charge.observed} observed charges was foretold from the others: median"
                f" absolute deviation as a share of the observed; together {100 * charge.total:.1f} % of the observed.",
                rule_zh=f"将 {charge.observed} 笔实际运费分为 {FOLDS} 份，逐份由其余推算：绝对偏差占实际之比的中位数；"
                f"推算总额为实际的 {100 * charge.total:.1f}%。",
                replaced_by="tariffs",
            )
        )
    if transit is not None:
        notes.append(
            Assumption(
                item="transit error out of sample",
                subject=subject,
                value=f"{transit.typical:.1f}",
                unit="days",
                rule=f"Each of {FOLDS} parts of the {transit.observed} deliveries was foretold from the others: median absolute"
                " deviation in days.",
                rule_zh=f"将 {transit.observed} 次交付分为 {FOLDS} 份，逐份由其余推算：绝对偏差天数的中位数。",
                replaced_by="lanes.transit_days",
            )
        )
    return notes
