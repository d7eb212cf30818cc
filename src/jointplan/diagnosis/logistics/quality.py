"""Returns, yields and missing certificates of each making firm, home against abroad."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from jointplan.diagnosis.chance import ratio_interval, share_interval, shares_differ
from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding, Strand, unmeasured
from jointplan.diagnosis.home import home_country
from jointplan.diagnosis.materials import by_maker, makers_of
from jointplan.diagnosis.settings import LogisticsDiagnosisSettings
from jointplan.engine import Tables
from jointplan.schema import TABLES
from jointplan.texts import both

LEAST_UNITS = 30
"""Units a maker must have sold for its return rate to be judged."""


def measure_quality(tables: Tables, settings: LogisticsDiagnosisSettings, *, seed: int) -> Diagnosed:
    """Measure returns, yields and missing certificates in the last year of sales."""
    name = "diagnosis_quality"
    weekly = tables.frame("weekly", "week", "sku", "market", "quantity", "revenue")
    known = makers_of(tables)
    end = weekly["week"].max() + pd.Timedelta(weeks=1) if len(weekly) else pd.Timestamp(0)
    begin = end - pd.Timedelta(weeks=52)
    sold = by_maker(weekly[weekly["week"] >= begin].astype({"quantity": float}), known, "quantity", "revenue")
    if not len(sold):
        reasons = [
            _missing(
                indicator,
                "The quality of makers needs sales of products that have a maker; there are none.",
                "products.maker",
            )
            for indicator in ("return_rate", "yield", "certificates")
        ]
        return Diagnosed(tuple(reasons), {name: TABLES[name].empty()})
    sides = _sides(tables)
    sold["side"] = sold["market"].map(sides)
    makers = pd.DataFrame(index=pd.Index(sorted(set(sold["maker"])), name="maker"))
    makers["sold"] = sold.groupby("maker")["quantity"].sum()
    lacking = _uncertified(tables, sold, end)
    findings = [
        *_returns(tables, makers, sold, known, sides, begin, settings, seed),
        *_yields(tables, makers, sold),
        *_certificates(tables, makers, sold, end, lacking),
    ]
    columns = list(TABLES[name].names)
    detail = pa.Table.from_pandas(
        makers.reset_index().reindex(columns=columns), schema=TABLES[name].arrow, preserve_index=False
    )
    by = ["maker", "sku", "market"]
    rows = lacking.groupby(by, as_index=False)["revenue"].sum().sort_values("revenue", ascending=False, kind="stable")
    schema = TABLES["diagnosis_uncertified"].arrow
    uncertified = pa.Table.from_pandas(rows[[*by, "revenue"]], schema=schema, preserve_index=False)
    return Diagnosed(tuple(findings), {name: detail, "diagnosis_uncertified": uncertified})


def _sides(tables: Tables) -> dict[str, str]:
    """Return whether each market is at ``home`` or ``abroad``, of those whose country is known; none where the home country is not."""
    home = home_country(tables)
    markets = tables.frame("markets", "market", "country").dropna()
    if home is None:
        return {}
    return dict(zip(markets["market"], np.where(markets["country"] == home, "home", "abroad"), strict=True))


def _missing(indicator: str, reason: str, rows: str) -> Finding:
    return unmeasured("logistics", indicator, "production", reason, rows)


def _returns(
    tables: Tables,
    makers: pd.DataFrame,
    sold: pd.DataFrame,
    known: pd.DataFrame,
    sides: dict[str, str],
    begin: pd.Timestamp,
    settings: LogisticsDiagnosisSettings,
    seed: int,
) -> list[Finding]:
    if "returns" not in tables or not tables["returns"].num_rows:
        return [_missing("return_rate", "Return rates need the table returns; it is not given.", "returns")]
    back = tables.frame("returns", "date", "sku", "market", "quantity").astype({"quantity": float})
    back = by_maker(back, known, "quantity")
    back = back[back["maker"].isin(makers.index) & (pd.to_datetime(back["date"]) >= begin)]
    makers["returned"] = back.groupby("maker")["quantity"].sum().reindex(makers.index).fillna(0.0)
    makers["rate"] = makers["returned"] / makers["sold"]
    ends = [share_interval(min(r, n), n) for r, n in zip(makers["returned"], makers["sold"], strict=True)]
    makers["low"], makers["high"] = zip(*ends, strict=True)
    total, units = float(makers["returned"].sum()), float(makers["sold"].sum())
    rate = total / units
    back_units, out_units = makers["returned"].to_numpy(), makers["sold"].to_numpy()
    if len(makers) > 1:
        low, high = ratio_interval(back_units, out_units, np.arange(len(makers)), draws=settings.draws, seed=seed)
    else:  # makers drawn anew would always be the same one
        low, high = ends[0]
    findings = [
        _finding(
            "return_rate",
            "production",
            both(
                "{rate:.2%} of units made in the cluster come back ({returned:,.0f} of {sold:,.0f} in a year).",
                rate=rate,
                returned=total,
                sold=units,
            ),
            f"returns: {len(back)} rows of the last year",
            value=rate,
            unit="share",
            low=low,
            high=high,
            severity=float(np.clip(2 * rate, 0, 1)),
            measure="divide_labour",
        )
    ]
    findings += _worst_maker(makers, total, units)
    findings.append(_home_and_abroad(makers, sold, back.assign(side=back["market"].map(sides))))
    return findings


def _worst_maker(makers: pd.DataFrame, total: float, units: float) -> list[Finding]:
    """Return the maker whose goods come back most, if more than chance explains, all makers counted (Bonferroni)."""
    judged = makers[makers["sold"] >= LEAST_UNITS]
    if len(judged) < 2:
        return []
    chances = pd.Series(
        {
            name: shares_differ(min(row["returned"], row["sold"]), row["sold"], min(total - row["returned"], units - row["sold"]), units - row["sold"])
            for name, row in judged.iterrows()
        }
    )  # fmt: skip
    certain = judged[(chances * len(judged) < 0.05).to_numpy() & (judged["rate"] > total / units).to_numpy()]
    if certain.empty:
        return []
    worst = certain["rate"].idxmax()
    p_value = min(float(chances[worst]) * len(judged), 1.0)
    row = judged.loc[worst]
    others = (total - row["returned"]) / (units - row["sold"])
    return [
        _finding(
            "worst_maker",
            "production",
            both(
                "Of what {maker} makes {rate:.1%} come back, against {others:.1%} of what the others make.",
                maker=worst,
                rate=float(row["rate"]),
                others=float(others),
            ),
            f"diagnosis_quality: maker = {worst}",
            subject=str(worst),
            value=float(row["rate"]),
            unit="share",
            comparison="others",
            reference=float(others),
            low=float(row["low"]),
            high=float(row["high"]),
            p_value=p_value,
            severity=float(np.clip(4 * (row["rate"] - others), 0, 1)),
            measure="divide_labour",
        )
    ]


def _home_and_abroad(makers: pd.DataFrame, sold: pd.DataFrame, back: pd.DataFrame) -> Finding:
    rows = "returns, weekly by markets.country"
    parts = {}
    for side in ("home", "abroad"):
        kept = [frame[frame["side"] == side] for frame in (back, sold)]
        returned, out = (frame.groupby("maker")["quantity"].sum().reindex(makers.index).fillna(0.0) for frame in kept)
        makers[f"rate_{side}"] = (returned / out).where(out > 0)
        parts[side] = (float(returned.sum()), float(out.sum()))
    if any(out < LEAST_UNITS for _, out in parts.values()):
        makers[["rate_home", "rate_abroad"]] = np.nan
        return _missing(
            "return_gap",
            "Whether goods have a worse name abroad than at home needs sales of makers' goods in both; one is missing, or the home country is not known.",
            rows,
        )
    (home_back, home_out), (far_back, far_out) = parts["home"], parts["abroad"]
    near, far = home_back / home_out, far_back / far_out
    p_value = shares_differ(min(far_back, far_out), far_out, min(home_back, home_out), home_out)
    low, high = share_interval(min(far_back, far_out), far_out)
    worse = p_value < 0.05
    return _finding(
        "return_gap",
        "ecosystem",
        both("Abroad {far:.1%} of units come back, at home {near:.1%}.", far=far, near=near),
        rows,
        value=far,
        unit="share",
        comparison="others",
        reference=near,
        low=low,
        high=high,
        p_value=p_value,
        severity=float(np.clip(4 * (far - near), 0, 1)) if worse else 0.0,
        measure="overseas_warehouse" if worse else "",
    )


def _yields(tables: Tables, makers: pd.DataFrame, sold: pd.DataFrame) -> Iterator[Finding]:
    rows = "capabilities.yield"
    given = tables.frame("capabilities", "firm", "yield") if "capabilities" in tables else None
    if given is None or not (given["yield"] < 1).any():
        makers["yield"] = np.nan
        yield _missing("yield", "Yields need the column yield of the table capabilities; it is not given.", rows)
        return
    makers["yield"] = given.groupby("firm")["yield"].mean().reindex(makers.index)
    known = makers[makers["yield"].notna()]
    if not len(known):
        yield _missing("yield", "Yields need the column yield of the table capabilities; it is not given.", rows)
        return
    if len(known) == 1:
        yield _only_yield(str(known.index[0]), float(known["yield"].iloc[0]), rows)
        return
    value = float(np.average(known["yield"], weights=np.maximum(known["sold"], 1e-9)))
    best = float(known["yield"].quantile(0.9))
    worst = str(known["yield"].idxmin())
    yield _finding(
        "yield",
        "production",
        both(
            "{value:.1%} of what is made is good, against {best:.1%} at the best tenth of makers; the lowest is {worst} with {lowest:.1%}.",
            value=value,
            best=best,
            worst=worst,
            lowest=float(known["yield"].min()),
        ),
        f"{rows}: {len(known)} makers",
        subject=worst,
        value=value,
        unit="share",
        comparison="others",
        reference=best,
        severity=float(np.clip(4 * (best - value), 0, 1)),
        measure="divide_labour" if best - value > 0.01 else "",
    )
    yield _yields_by_side(known, sold, rows)


def _only_yield(maker: str, value: float, rows: str) -> Finding:
    """Tell the yield of the one maker whose yield is known: there is no other that it could be held against."""
    return _finding(
        "yield",
        "production",
        both("{value:.1%} of what {maker} makes is good; of no other maker the yield is known.", value=value, maker=maker),
        f"{rows}: 1", subject=maker, value=value, unit="share", severity=0.0,
    )  # fmt: skip


def _yields_by_side(known: pd.DataFrame, sold: pd.DataFrame, rows: str) -> Finding:
    """Say whether what goes abroad comes of makers with other yields: a yield itself is of a process, and has no market."""
    rows = f"{rows}, weekly by markets.country"
    units = sold[sold["maker"].isin(known.index)].groupby(["side", "maker"])["quantity"].sum()
    mean = {
        side: float(np.average(known.loc[part.index, "yield"], weights=part))
        for side in ("home", "abroad")
        if side in units.index and (part := units[side]).sum() > 0
    }
    if len(mean) < 2:
        return _missing(
            "yield_gap",
            "Whether makers of better yields make for home or for abroad needs sales of makers' goods in both; one is missing, or the home country is not known.",
            rows,
        )
    return _finding(
        "yield_gap",
        "production",
        both(
            "What is sold abroad comes of makers with a mean yield of {far:.2%}, what is sold at home of {near:.2%}.",
            far=mean["abroad"], near=mean["home"],
        ),
        rows, value=mean["abroad"], unit="share", comparison="others", reference=mean["home"],
    )  # fmt: skip


def _uncertified(tables: Tables, sold: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Return the rows of what was sold in markets that ask for a certificate which is not there on that day."""
    if "certificates" not in tables:
        return sold.iloc[:0]
    rows = tables.frame("certificates", "firm", "sku", "market", "expiry")
    asked = sold[sold["market"].isin(rows["market"])]
    valid = _valid(rows, end)
    covered = np.zeros(len(asked), bool)
    for columns in (["firm"], ["sku"], ["firm", "sku"]):
        blank = [name for name in ("firm", "sku") if name not in columns]
        part = valid[valid[columns].notna().all(axis=1) & valid[blank].isna().all(axis=1)]
        has = set(part[[*columns, "market"]].itertuples(index=False, name=None))
        named = asked.rename(columns={"maker": "firm"})[[*columns, "market"]]
        covered |= np.array([row in has for row in named.itertuples(index=False, name=None)], bool)
    return asked[~covered]


def _valid(certificates: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    return certificates[certificates["expiry"].isna() | (pd.to_datetime(certificates["expiry"]) >= end)]


def _certificates(
    tables: Tables, makers: pd.DataFrame, sold: pd.DataFrame, end: pd.Timestamp, missing: pd.DataFrame
) -> Iterator[Finding]:
    for column, part in [
        ("uncertified", missing),
        *((f"uncertified_{s}", missing[missing["side"] == s]) for s in ("home", "abroad")),
    ]:
        makers[column] = part.groupby("maker")["revenue"].sum().reindex(makers.index).fillna(0.0)
    if "certificates" not in tables or not tables["certificates"].num_rows:
        yield _missing(
            "certificates", "Missing certificates need the table certificates; it is not given.", "certificates"
        )
        return
    rows = tables.frame("certificates", "expiry")
    share = float(missing["revenue"].sum() / sold["revenue"].sum()) if sold["revenue"].sum() > 0 else 0.0
    given = f"certificates: {len(rows)} rows, {len(_valid(rows, end))} of them valid on {end.date()}"
    yield _finding(
        "certificates",
        "production",
        both(
            "{share:.1%} of revenue is made in markets that ask for a certificate the maker lacks or that has run out ({makers} {makers:maker|makers}).",
            share=share,
            makers=int((makers["uncertified"] > 0).sum()),
        ),
        given,
        value=share,
        unit="share",
        severity=min(share * 2, 1.0),
        measure="divide_labour" if share > 0 else "",
    )
    revenue = sold.groupby("side")["revenue"].sum()
    if len(revenue) < 2 or not (revenue > 0).all():
        yield _missing(
            "certificate_gap",
            "Whether certificates are missing more abroad than at home needs sales of makers' goods in both; one is missing, or the home country is not known.",
            given,
        )
        return
    near, far = (float(makers[f"uncertified_{side}"].sum() / revenue[side]) for side in ("home", "abroad"))
    yield _finding(
        "certificate_gap",
        "production",
        both("Without the certificate asked for stand {far:.1%} of revenue abroad, and {near:.1%} at home.", far=far, near=near),
        given, value=far, unit="share", comparison="others", reference=near,
    )  # fmt: skip


def _finding(indicator: str, strand: Strand, message: tuple[str, str], rows: str, **fields: object) -> Finding:
    return Finding("logistics", indicator, strand, *message, rows=rows, **fields)  # type: ignore[arg-type]  # fields of Finding
