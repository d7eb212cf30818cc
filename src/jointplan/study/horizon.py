"""Which weeks are planned: those to come, or past ones replayed on their real sales."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jointplan.errors import DataError, NoResultError
from jointplan.study.settings import HorizonSettings
from jointplan.texts import tr

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Horizon:
    """The weeks of a plan.

    Parameters
    ----------
    start : date
        Monday of the first week.
    weeks : int
        How many there are.
    replay : bool
        Whether they are past weeks, planned on their real sales.
    """

    start: date
    weeks: int
    replay: bool

    def as_dict(self) -> dict[str, Any]:
        """Return the fields for the manifest."""
        return {"start": self.start.isoformat(), "weeks": self.weeks, "replay": self.replay}


@dataclass(frozen=True)
class SoldWeeks:
    """The weeks that sales cover from Monday to Sunday.

    Parameters
    ----------
    first : date
        Monday of the first of them with a sale.
    last : date
        Monday of the last of them, sold in or not.
    """

    first: date
    last: date


def sold_weeks(weekly: pa.Table, last_day: date | None) -> SoldWeeks | None:
    """Return the weeks covered by sales that end on a day; None where no complete week has any.

    A complete week without a sale is known, too: what sells once a month was last known in the week before that of its last sale.
    """
    first, _ = _range(weekly["week"])
    if first is None or last_day is None:
        return None
    return SoldWeeks(first, _monday(last_day + timedelta(days=1)) - WEEK)


def choose_horizon(
    settings: HorizonSettings, sold: SoldWeeks | None, recorded: pa.Table | None, orders: pa.Table | None
) -> Horizon:
    """Return the weeks to plan.

    Replayed are the last weeks, at most ``settings.weeks``, that both the recorded plan and the sales cover from
    Monday to Sunday, and the extra weeks set after them. Else the plan starts on the Monday after the last complete week
    of sales; without sales, on the Monday of the week in which the first open order is due.

    Raises
    ------
    NoResultError
        If there are neither complete weeks of sales nor open orders.
    DataError
        If the start or the replay that is set is not possible with the tables given.
    """
    if sold is None and not (orders is not None and orders.num_rows):
        raise NoResultError(
            tr("There is nothing to plan: the sales cover no complete week from Monday to Sunday."),
            tr("Add at least one week of sales, or open orders in the table orders."),
        )
    weeks = _replayed(settings, _covered_weeks(recorded, sold))
    if settings.replay == "yes" and not weeks:
        raise DataError(
            tr("No past week can be replayed: the table recorded covers no complete week that the sales cover too."),
            tr('Supply recorded for those weeks, or set replay = "auto".'),
        )
    if settings.replay != "no" and weeks:
        return Horizon(weeks[0], len(weeks) + settings.extra_weeks, replay=True)
    if sold is None:
        start = settings.start or _monday(_range(orders["due"])[0])  # type: ignore[index,arg-type]  # no sales: there are orders
    else:
        latest = sold.last + WEEK
        start = settings.start or latest
        if start > latest:
            raise DataError(
                tr("The plan cannot start on {start}: the sales end before.", start=start),
                tr("Start it on {latest} or earlier, or add the sales up to then.", latest=latest),
            )
    return Horizon(start, settings.weeks, replay=False)


def replayed_from(settings: HorizonSettings, sold: SoldWeeks | None, recorded: pa.Table | None) -> date | None:
    """Return the Monday of the first week that a run replays; None where it looks ahead."""
    weeks = _replayed(settings, _covered_weeks(recorded, sold))
    return weeks[0] if weeks and settings.replay != "no" else None


def _replayed(settings: HorizonSettings, covered: list[date]) -> list[date]:
    """Return the weeks to replay of those that can be: the first ones from the start that is set, else the last ones."""
    if settings.start is None:
        return covered[-settings.weeks :]
    return [week for week in covered if week >= settings.start][: settings.weeks]


def _covered_weeks(recorded: pa.Table | None, sold: SoldWeeks | None) -> list[date]:
    """Return the Mondays of the weeks that the recorded plan and the sales both cover, in order."""
    if recorded is None or not recorded.num_rows or sold is None:
        return []
    begin, end = _range(recorded["date"])
    assert begin is not None
    assert end is not None
    week = max(sold.first, _monday(begin + timedelta(days=6)))
    weeks = []
    while week <= sold.last and week + timedelta(days=6) <= end:
        weeks.append(week)
        week += WEEK
    return weeks


def _range(days: pa.ChunkedArray) -> tuple[date | None, date | None]:
    found = pc.min_max(days).as_py()
    return found["min"], found["max"]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
