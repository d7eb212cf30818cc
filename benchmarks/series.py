"""Forecasts any file of series, so that outside collections can be scored.

    python benchmarks/series.py FILE --horizon H --season S [--train-end DATE] --out FILE [--json]

FILE is CSV or Parquet. Long: a column of names (id, unique_id or series), one of times (time, ds, date, week or period) and one of
values (value, y, quantity or units), in any order, with ragged lengths. Wide: one row a series, names in the first column, a column for each time. An
absent or blank cell inside a series is unknown demand, a 0 is a period without any; periods that no series has are unknown, too. Rows of
the same series and time are added up, with a warning. A cell that is no number, a row without a name or time, and days after today are
errors that name row and column; with ``--train-end`` nothing after that time is read, and days up to it are taken as they are.
Written are, for each series and period ahead, the mean and the quantiles. Each series is forecast from its own last known period.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from jointplan.demand import forecast_series
from jointplan.errors import JointplanError
from jointplan.schema import QUANTILES

NAMES = ("id", "unique_id", "series", "item_id")
TIMES = ("time", "ds", "date", "week", "period", "timestamp")
VALUES = ("value", "y", "quantity", "units", "target")

MOST_GAPS = 0.1
"""Share of steps longer than the usual one up to which times are held to be evenly spaced with gaps."""

LONGEST = 20_000
"""Periods beyond which a gap is a slip in a time."""


class FileError(ValueError):
    """What is wrong with the file: where, and what to do."""

    def __init__(self, place: str, message: str, cure: str) -> None:
        super().__init__(f"{place}: {message} {cure}")


def read_long(path: Path, train_end: str | None = None) -> tuple[pd.DataFrame, list[str]]:
    """Return the file as rows of id, time and value, and what it warns of."""
    frame = _read(path)
    lower = {name.lower(): name for name in frame.columns}
    found = [next((lower[name] for name in names if name in lower), None) for names in (NAMES, TIMES, VALUES)]
    if not len(frame) or len(frame.columns) < 2:
        raise FileError("the file", "it holds no rows or no values.", "Give a long or wide table of series.")
    if all(found):
        frame = frame[found].set_axis(["id", "time", "value"], axis=1)
        columns = pd.Series(found[2], index=frame.index)
        rows = pd.Series(np.arange(len(frame)) + 2, index=frame.index)
        times = [f"row {row}, column {found[1]}" for row in rows]
    else:
        rows = pd.Series(np.tile(np.arange(len(frame)) + 2, len(frame.columns) - 1))
        frame = frame.melt(id_vars=frame.columns[0], var_name="time", value_name="value")
        frame = frame.set_axis(["id", "time", "value"], axis=1)
        columns = frame["time"].copy()
        times = [f"row 1, column {column}" for column in columns]

    nameless = frame["id"].isna()
    if nameless.any():
        place = int(np.flatnonzero(nameless)[0])
        raise FileError(f"row {rows.iloc[place]}", "the series has no name.", "Fill it in, or remove the row.")
    value = pd.to_numeric(frame["value"], errors="coerce")
    odd = (value.isna() & frame["value"].notna() & (frame["value"].astype(str).str.strip() != "")) | np.isinf(value)
    if odd.any():
        place = int(np.flatnonzero(odd)[0])
        raise FileError(
            f"row {rows.iloc[place]}, column {columns.iloc[place]}",
            f"{frame['value'].iloc[place]!s} is no number.",
            "Write digits only; leave unknown periods blank.",
        )
    frame["value"] = value

    number = pd.to_numeric(frame["time"], errors="coerce")
    numeric = bool(number.notna().all())
    frame["time"] = number if numeric else pd.to_datetime(frame["time"], errors="coerce", format="mixed")
    if frame["time"].isna().any():
        place = int(np.flatnonzero(frame["time"].isna())[0])
        raise FileError(times[place], "the time is neither a number nor a date.", "Write it as 2024-03-05.")
    warnings = []
    if train_end is not None:
        kept = (frame["time"] <= (float(train_end) if numeric else pd.Timestamp(train_end))).to_numpy()
        frame, rows, columns = frame[kept], rows[kept], columns[kept]
        if not kept.any():
            raise FileError("the file", f"it holds nothing up to {train_end}.", "Choose a later --train-end.")
    elif not numeric and (later := frame["time"] > pd.Timestamp(date.today())).any():
        place = int(np.flatnonzero(later)[0])
        raise FileError(
            times[place],
            f"{frame['time'].iloc[place]:%Y-%m-%d} lies after today ({int(later.sum())} values do).",
            "Correct the year, or say with --train-end up to when the file is to be read.",
        )
    twice = frame.duplicated(["id", "time"]).to_numpy()
    if twice.any():
        place = int(np.flatnonzero(twice)[0])
        warnings.append(
            f"row {rows.iloc[place]}, column {columns.iloc[place]}: the series {frame['id'].iloc[place]} has this time twice "
            f"({int(twice.sum())} such values); they are added up. Remove one of the two if that is wrong."
        )
    below = (frame["value"] < 0).to_numpy()
    if below.any():
        place = int(np.flatnonzero(below)[0])
        warnings.append(
            f"row {rows.iloc[place]}, column {columns.iloc[place]}: {int(below.sum())} values lie below 0 and count as 0. "
            "Take returns out of the file if that is wrong."
        )
    return frame, warnings


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path).rename(columns=str)
    # Read without a header, lest a column that is there twice be renamed.
    frame = pd.read_csv(path, header=None, dtype=str, keep_default_na=False, na_values=["", "NA", "NaN", "nan"])
    return frame.iloc[1:].reset_index(drop=True).set_axis(frame.iloc[0].fillna("").astype(str), axis=1)


def as_arrays(frame: pd.DataFrame) -> tuple[np.ndarray, pd.Index, pd.Index]:
    """Return series × times with NaN where nothing is known, and the names of both."""
    known = frame.dropna(subset="value")
    wide = known.groupby(["id", "time"])["value"].sum().unstack("time")
    times = every_period(np.sort(frame["time"].unique()))
    wide = wide.reindex(index=pd.Index(frame["id"].unique(), name="id"), columns=times)
    return wide.to_numpy(dtype=np.float64), wide.index, wide.columns


def every_period(times: np.ndarray) -> np.ndarray:
    """Return evenly spaced times with those between them that no series has; others, such as working days, as they are."""
    if len(times) < 3:
        return times
    dates = np.issubdtype(times.dtype, np.datetime64)
    if dates:
        months = times.astype("datetime64[M]").astype(np.int64)
        within = times - times.astype("datetime64[M]").astype(times.dtype)
        ends = times + np.timedelta64(1, "D") == (times + np.timedelta64(1, "D")).astype("datetime64[M]")
        if len(np.unique(months)) == len(times) and (len(np.unique(within)) == 1 or ends.all()):
            filled = every_period(months)
            begins = filled.astype("datetime64[M]").astype(times.dtype)
            made = begins + within[0]
            made[np.searchsorted(filled, months)] = times
            return np.asarray(made)
    steps = np.diff(times).astype(np.int64 if dates else np.float64)
    sizes, counts = np.unique(steps, return_counts=True)
    usual = sizes[counts.argmax()]
    longer = steps != usual
    if not longer.any() or longer.mean() > MOST_GAPS or (steps[longer] % usual).any():
        return times
    count = int((steps.sum()) // usual) + 1
    if count > LONGEST:
        raise FileError(
            f"time {times[int(np.flatnonzero(longer)[-1]) + 1]}", "it lies very far from the others.", "Correct it."
        )
    return np.asarray(times[0] + np.arange(count) * (usual.astype(np.diff(times).dtype) if dates else usual))


def aligned(values: np.ndarray) -> np.ndarray:
    """Shift series so that all end together: each is forecast from its own last known period."""
    seen = ~np.isnan(values)
    last = np.where(seen.any(axis=1), values.shape[1] - seen[:, ::-1].argmax(axis=1), values.shape[1])
    moved = np.full_like(values, np.nan)
    for row, end in enumerate(last):
        moved[row, values.shape[1] - end :] = values[row, :end]
    return moved


def main(arguments: list[str] | None = None) -> None:
    """Forecast the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--horizon", type=int, required=True)
    parser.add_argument("--season", type=int, required=True)
    parser.add_argument("--train-end", help="last time that is read")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    began = time.perf_counter()
    try:
        frame, warnings = read_long(given.file, given.train_end)
        values, names, _times = as_arrays(frame)
        mean, quantiles = forecast_series(aligned(values), horizon=given.horizon, season=given.season, seed=given.seed)
    except (JointplanError, OSError, ValueError) as error:
        sys.exit(f"{given.file}, {error}")
    unknown = np.isnan(values).all(axis=1)
    if unknown.any():
        warnings.append(
            f"series {names[int(np.flatnonzero(unknown)[0])]}: {int(unknown.sum())} series hold no value and are forecast at 0."
        )
    for warning in warnings:
        print(f"{given.file}, {warning}", file=sys.stderr)
    made = pd.DataFrame(
        {
            "id": np.repeat(names.to_numpy(), given.horizon),
            "step": np.tile(np.arange(1, given.horizon + 1), len(names)),
            "mean": mean.ravel(),
            **{name: quantiles[:, place].ravel() for place, name in enumerate(QUANTILES)},
        }
    )
    if given.out.suffix == ".parquet":
        made.to_parquet(given.out, index=False)
    else:
        made.to_csv(given.out, index=False)
    case = {
        "name": given.file.name,
        "series": len(names),
        "periods": values.shape[1],
        "horizon": given.horizon,
        "rows": len(made),
        "seconds": round(time.perf_counter() - began, 1),
    }
    if given.json:
        print(json.dumps({"cases": [case], "summary": {"seconds": case["seconds"], "warnings": warnings}}))
    else:
        print(*(f"{key}: {value}" for key, value in case.items()), sep="\n")


if __name__ == "__main__":
    main()
