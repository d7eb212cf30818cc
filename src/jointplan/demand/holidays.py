"""Weeks that are known beforehand to be unlike others: holidays and sales days by country, and the cluster's own calendar.

No library at hand keeps holidays by country, so the few that move what households buy across borders are rules and dated rows here.
What people do in these weeks is not assumed: it is learnt from past ones. Only what was fixed long before is used, so that a holiday
may be known on any past Monday.

Sources
-------
Black Friday: the day after the fourth Thursday of November (U.S. Code, title 5, § 6103, for Thanksgiving); its first years in a country
as retailers and the press tell them, which seldom agree to the year. Cyber Monday follows. Christmas: from the first Sunday in Advent to Epiphany.
Chinese New Year: Hong Kong Observatory, Gregorian–lunar calendar conversion tables; public holiday of seven or eight days by the State
Council's regulation on festivals. Singles' Day, 11 November, since 2009 (Alibaba); 618, from 1 to 18 June, since 2010 (JD.com); National Day
of China, 1 to 7 October, by the same regulation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]

BLACK_FRIDAY_SINCE = {
    "US": 1990, "CA": 2009, "GB": 2013, "BR": 2010, "DE": 2013, "AT": 2014, "CH": 2015, "FR": 2014, "ES": 2013, "IT": 2014,
    "NL": 2015, "BE": 2015, "PL": 2015, "IE": 2014, "PT": 2014, "SE": 2014, "NO": 2014, "DK": 2014, "FI": 2014,
    "ZA": 2014, "AU": 2015, "NZ": 2016, "AR": 2014, "CL": 2014, "CO": 2014, "GR": 2015, "CZ": 2016, "AE": 2014,
}  # fmt: skip
"""First year in which shops at large took part, to the nearest year or two: a holiday is read only once seen, so a year too early
costs little. Left out are countries that hold theirs in other weeks: Mexico (Buen Fin, a week before) and Romania (one to two weeks before)."""

CHRISTMAS = frozenset(BLACK_FRIDAY_SINCE) - {"AE"} | {
    "BG", "MX", "RO", "CY", "EE", "HR", "HU", "IS", "LT", "LU", "LV", "MT", "PE", "PH", "SI", "SK", "UY", "EC",
}  # fmt: skip
"""Countries in which gifts are given at Christmas."""

LUNAR_NEW_YEAR = frozenset({"CN", "HK", "MO", "TW", "SG", "MY", "VN", "KR"})
LUNAR_NEW_YEARS = (
    date(2005, 2, 9), date(2006, 1, 29), date(2007, 2, 18), date(2008, 2, 7), date(2009, 1, 26), date(2010, 2, 14),
    date(2011, 2, 3), date(2012, 1, 23), date(2013, 2, 10), date(2014, 1, 31), date(2015, 2, 19), date(2016, 2, 8),
    date(2017, 1, 28), date(2018, 2, 16), date(2019, 2, 5), date(2020, 1, 25), date(2021, 2, 12), date(2022, 2, 1),
    date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26),
    date(2029, 2, 13), date(2030, 2, 3), date(2031, 1, 23), date(2032, 2, 11), date(2033, 1, 31), date(2034, 2, 19),
    date(2035, 2, 8),
)  # fmt: skip

KINDS = ("black_friday", "christmas", "lunar_new_year", "singles_day", "midyear_sale", "national_day", "calendar")
"""What a week may hold; the place of each is its bit."""

CALENDAR = KINDS.index("calendar")

LEAST_SHARE = 0.8
"""Share of the usual capacity below which a week of the table **calendar** is unlike others."""


@dataclass(frozen=True)
class Holiday:
    """Days of one holiday: its kind, the first and the last."""

    kind: str
    first: date
    last: date


def holidays(country: str, year: int) -> Iterator[Holiday]:
    """Yield the holidays of a country that begin in a year; none for a country that is not known."""
    if year >= BLACK_FRIDAY_SINCE.get(country, 10**4):
        november = date(year, 11, 1)
        friday = november + timedelta(days=(3 - november.weekday()) % 7 + 22)
        yield Holiday("black_friday", friday - timedelta(days=4), friday + timedelta(days=3))
    if country in CHRISTMAS:
        eve = date(year, 12, 24)
        yield Holiday("christmas", eve - timedelta(days=(eve.weekday() + 1) % 7 + 21), date(year + 1, 1, 6))
    if country in LUNAR_NEW_YEAR:
        for day in LUNAR_NEW_YEARS:
            if day.year == year:
                yield Holiday("lunar_new_year", day - timedelta(days=1), day + timedelta(days=6))
    if country == "CN":
        if year >= 2009:
            yield Holiday("singles_day", date(year, 11, 1), date(year, 11, 11))
        if year >= 2010:
            yield Holiday("midyear_sale", date(year, 6, 1), date(year, 6, 18))
        yield Holiday("national_day", date(year, 10, 1), date(year, 10, 7))


def holiday_weeks(country: str, monday: date, weeks: int) -> Codes:
    """Return which holidays fall in each week.

    Parameters
    ----------
    country : str
        Two letters; blank where not known.
    monday : date
        First day of the first week.
    weeks : int
        How many.

    Returns
    -------
    array of weeks
        Sum of ``2 ** place`` of the :data:`KINDS` of which a day falls in the week.
    """
    code = np.zeros(weeks, dtype=np.int64)
    for year in range(monday.year - 1, (monday + timedelta(weeks=weeks)).year + 1):
        for one in holidays(country, year):
            first, last = ((day - monday).days // 7 for day in (one.first, one.last))
            code[max(first, 0) : max(last + 1, 0)] |= 1 << KINDS.index(one.kind)
    return code


def known_weeks(countries: Sequence[str], monday: date, weeks: int, shut: Codes | None = None) -> Codes | None:
    """Return which holidays fall in each week of series, by the country of each; None where there are none at all.

    Parameters
    ----------
    countries : sequence of str
        Country of each series; blank where not known.
    monday : date
        First day of the first week.
    weeks : int
        Weeks of history and to come.
    shut : array of weeks or None
        Weeks marked by the cluster's own calendar, 1 or 0.
    """
    if not len(countries) or not weeks:
        return None
    names, place = np.unique(np.array(countries, dtype=np.str_), return_inverse=True)
    code = np.stack([holiday_weeks(str(name), monday, weeks) for name in names])[place]
    if shut is not None:
        code |= shut << CALENDAR
    return code if code.any() else None
