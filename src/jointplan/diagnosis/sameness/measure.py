"""Sameness and inertia: goods alike, price wars, niches shared, and how little is new."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jointplan.diagnosis.chance import ratio_interval, share_interval
from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding, Strand, unmeasured
from jointplan.diagnosis.sameness.assortment import YEAR, Assortment, read_assortment
from jointplan.diagnosis.sameness.likeness import Likeness, groups_of, like_goods
from jointplan.diagnosis.sameness.margins import Margins, making_costs, margin_finding, margins_of
from jointplan.diagnosis.sameness.newness import novelty, young_share
from jointplan.diagnosis.sameness.niches import overlap_against_chance, pianka, schoener
from jointplan.diagnosis.sameness.picture import like_map
from jointplan.diagnosis.sameness.prices import Spreads, Trend, hedonic_prices, spreads, trend_of
from jointplan.diagnosis.sameness.titles import common_words
from jointplan.diagnosis.settings import SamenessSettings
from jointplan.engine import Tables
from jointplan.schema import TABLES
from jointplan.texts import both

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

RENEWAL_YEARS = 3
"""Years in which an assortment that stands still in nothing is renewed once; the norm that young products are held against."""

_PAIRS_SHOWN = 500
_QUALITY_WORDS = 50


def measure_sameness(tables: Tables, settings: SamenessSettings, *, currency: str, seed: int) -> Diagnosed:
    """Measure how alike the goods of different owners are, what that does to prices, and how little is new.

    Parameters
    ----------
    tables : Tables
        **products**, **firms** and **weekly** (revenue in the currency of the run).
    settings : SamenessSettings
        Thresholds and draws.
    currency : str
        Currency of the run, in which making is costed.
    seed : int
        Seed of everything random.
    """
    goods = read_assortment(tables)
    pairs = like_goods(
        goods.goods, least=settings.alike, weight=settings.attributes, neighbours=settings.neighbours, seed=seed
    )
    same = pairs.only(pairs.score >= settings.same)
    group = groups_of(same)
    findings = [_near_identical(goods, same, settings, seed), *_largest_group(goods, group)]
    words = common_words(goods.goods.title, _QUALITY_WORDS).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        measures = np.log(np.column_stack([goods.goods.weight, goods.goods.volume]))
    hedonic = hedonic_prices(goods.price, goods.family, np.column_stack([measures, words]))
    spread = spreads(hedonic.residual, group, goods.family, draws=settings.draws, least=3, seed=seed)
    cost = making_costs(tables, goods, currency)
    margins = margins_of(goods, cost, group)
    wars = _price_wars(goods, group, spread, *_trends(goods, group, cost))
    findings += [_price_spread(spread, hedonic.explained), _war_finding(goods, group, wars, margins)]
    findings.append(margin_finding(margins, draws=settings.draws, seed=seed))
    overlap, pairs_of_firms = _niches(goods, settings, seed)
    newcomers, newness = _inertia(goods, pairs, settings)
    findings += [overlap, *newcomers]
    details = {
        "diagnosis_products": _products(goods, pairs, same, group, hedonic.residual, settings, seed),
        "diagnosis_groups": _groups(goods, same, group, spread, margins, wars),
        "diagnosis_overlap": pairs_of_firms,
        "diagnosis_newness": newness,
    }
    return Diagnosed(tuple(findings), details)


def measure_niches(tables: Tables, settings: SamenessSettings, *, seed: int) -> Diagnosed:
    """Measure how far firms share their niches: what of this topic a plan, which sells goods elsewhere, can change."""
    overlap, pairs = _niches(read_assortment(tables), settings, seed)
    return Diagnosed((overlap,), {"diagnosis_overlap": pairs})


def _finding(indicator: str, strand: Strand, message: tuple[str, str], rows: str, **fields: object) -> Finding:
    return Finding("sameness", indicator, strand, *message, rows=rows, **fields)  # type: ignore[arg-type]  # fields of Finding


def _near_identical(goods: Assortment, same: Likeness, settings: SamenessSettings, seed: int) -> Finding:
    told = goods.titled
    count, owners = int(told.sum()), len(np.unique(goods.owner[told & (goods.firm != "")]))
    if owners < 2:
        return unmeasured(
            "sameness",
            "near_identical_share",
            "production",
            "Whether firms sell the same goods needs products of at least two owners with titles that tell more than their family; {count} of {all} {all:product|products} "
            "have such a title, of {owners} {owners:owner|owners}.",
            f"products.title: {count} of {len(goods)}",
            count=count,
            all=len(goods),
            owners=owners,
        )
    hit = same.rivals(goods.owner) > 0
    weight = np.where(told, goods.revenue if goods.revenue[told].sum() > 0 else 1.0, 0.0)
    share = float(weight[hit].sum() / weight.sum())
    low, high = ratio_interval(weight * hit, weight, goods.owner, draws=settings.draws, seed=seed)
    message = (
        both(
            "{share:.0%} of revenue is made with goods of which another firm sells a near-identical one ({products:,} of {all:,} products).",
            share=share,
            products=int(hit.sum()),
            all=count,
        )
        if count == len(goods)
        else both(
            "{share:.0%} of revenue is made with goods of which another firm sells a near-identical one ({products:,} of {all:,} products with a title that tells "
            "more than the family; {untitled} have none and are left out).",
            untitled=len(goods) - count,
            share=share,
            products=int(hit.sum()),
            all=count,
        )
    )
    if share > 0 and not low > 0:
        unsure = both(
            "Few of the {owners} owners make up all of it: with others in their place it could as well be nothing.",
            owners=owners,
        )
        message = f"{message[0]} {unsure[0]}", message[1] + unsure[1]
    return _finding(
        "near_identical_share",
        "production",
        message,
        f"products: {int(hit.sum())} with a rival in diagnosis_products",
        value=share,
        unit="share",
        low=low,
        high=high,
        severity=float(np.clip(low, 0, 1)),  # as much as is sure
        measure="differentiate" if low > 0 else "",
    )


def _largest_group(goods: Assortment, group: Ints) -> list[Finding]:
    """Return the group that most owners share, if any."""
    inside = np.flatnonzero(group >= 0)
    if not len(inside):
        return []
    owners = np.bincount(np.unique(np.stack([group[inside], goods.owner[inside]]), axis=1)[0])
    most = int(owners.argmax())
    if owners[most] < 2:
        return []
    members = np.flatnonzero(group == most)
    total = goods.revenue.sum()
    share = float(goods.revenue[members].sum() / total) if total > 0 else len(members) / len(goods)
    leader = members[goods.revenue[members].argmax()]
    name = goods.title[leader] or goods.sku[leader]
    return [
        _finding(
            "largest_group",
            "production",
            both(
                "{owners} {owners:firm|firms} sell what is as good as one product ({name}): {products} {products:listing|listings}, {share:.1%} of revenue.",
                owners=int(owners[most]),
                name=str(name)[:60].strip(),
                products=len(members),
                share=share,
            ),
            f"diagnosis_products: group = {most + 1}",
            subject=str(goods.sku[leader]),
            value=float(owners[most]),
            unit="firms",
            severity=min(share * 2, 1.0),
            measure="differentiate",
        )
    ]


def _price_spread(spread: Spreads, explained: float) -> Finding:
    known = np.isfinite(spread.spread)
    if not known.any():
        return unmeasured(
            "sameness",
            "price_spread",
            "production",
            "How far prices of like goods lie apart needs a group of at least three near-identical products with prices; there is none.",
            "products.unit_value, sales.unit_price",
        )
    value, usual = float(np.median(spread.spread[known])), float(np.median(spread.usual[known]))
    return _finding(
        "price_spread",
        "production",
        both(
            "Prices of near-identical goods lie {value:.0%} apart once family, weight, volume and words are taken out, against {usual:.0%} among as many goods "
            "at random ({groups} groups; {explained:.0%} of prices explained).",
            value=value,
            usual=usual,
            groups=int(known.sum()),
            explained=explained,
        ),
        f"diagnosis_groups: {int(known.sum())} groups with at least three prices",
        value=value,
        unit="log points",
        comparison="null",
        reference=usual,
        p_value=spread.overall,
        severity=float(np.clip(1 - value / usual, 0, 1)) if usual > 0 and spread.overall < 0.05 else 0.0,
        measure="differentiate" if spread.overall < 0.05 else "",
    )


def _trends(goods: Assortment, group: Ints, cost: Floats) -> tuple[Trend, Trend]:
    """Return how log prices and margins of each group moved; ``cost``: of making a unit in each half, 2 × products."""
    sales = goods.sales[goods.sales["week"] >= goods.weeks - YEAR]
    key = ["product", "market", "seller"]
    halves = [
        part.groupby(key, sort=True)[["quantity", "revenue"]].sum()
        for part in (sales[sales["week"] < goods.middle], sales[sales["week"] >= goods.middle])
    ]
    prices = [half["revenue"] / half["quantity"] for half in halves]
    joined = prices[0].to_frame("earlier").join(prices[1].rename("later"), how="inner")
    product = joined.index.get_level_values(0).to_numpy(np.int64)
    earlier, later = joined["earlier"].to_numpy(float), joined["later"].to_numpy(float)
    count = int(group.max(initial=-1)) + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        of_price = np.log(later) - np.log(earlier)
        of_margin = cost[0, product] / earlier - cost[1, product] / later
    return trend_of(of_price, group[product], count), trend_of(of_margin, group[product], count)


@dataclass(frozen=True)
class Wars:
    """Which groups show a price war, and by what that was judged.

    Parameters
    ----------
    war : array of bool
        Several owners, prices closer than chance, and margins that fall.
    price, margin : Trend
        How log prices and margins of each group moved.
    by_margin : array of bool
        Where the costs of at least half of the group's series are known; elsewhere falling prices stand for falling margins.
    """

    war: npt.NDArray[np.bool_]
    price: Trend
    margin: Trend
    by_margin: npt.NDArray[np.bool_]

    @property
    def judged(self) -> npt.NDArray[np.bool_]:
        """Groups with at least two series that sold in both halves of the last year."""
        return np.asarray(self.price.series >= 2)


def _price_wars(goods: Assortment, group: Ints, spread: Spreads, price: Trend, margin: Trend) -> Wars:
    """Tell which groups of several owners sell like goods at prices that lie close and margins that fall."""
    count = len(spread.spread)
    inside = np.flatnonzero(group >= 0)
    owners = np.bincount(np.unique(np.stack([group[inside], goods.owner[inside]]), axis=1)[0], minlength=count)
    close = np.nan_to_num(spread.p_value, nan=1.0) < 0.05
    by_margin = (margin.series >= 2) & (2 * margin.series >= price.series)
    falling = np.where(by_margin, margin.falling(), price.falling())
    return Wars(np.asarray((owners > 1) & close & falling), price, margin, np.asarray(by_margin))


def _war_finding(goods: Assortment, group: Ints, wars: Wars, margins: Margins) -> Finding:
    rows = "diagnosis_groups: price_war, judged_by"
    if not wars.judged.any():
        return unmeasured(
            "sameness",
            "price_war",
            "production",
            "Whether prices of like goods fall needs near-identical goods that sold in both halves of the last year; there are none.",
            "weekly: revenue and quantity of grouped products",
        )
    war, total = wars.war, goods.revenue.sum()
    inside = group >= 0
    share = float(goods.revenue[inside][war[group[inside]]].sum() / total) if total > 0 else 0.0
    count, judged = int(war.sum()), int(wars.judged.sum())
    said = [
        both(
            "{count} of {judged} groups of near-identical goods {count:shows|show} a price war: several owners, prices closer than chance and margins that fall "
            "(prices {change:+.0%} in half a year); {share:.0%} of revenue.",
            count=count,
            judged=judged,
            change=float(np.exp(np.average(wars.price.change[war])) - 1),
            share=share,
        )
        if count
        else both("None of {judged} groups of near-identical goods shows a price war.", judged=judged)
    ]
    if count and (told := margins.over(np.flatnonzero(war))) is not None:
        said.append(
            both("Their margin over making cost went from {before:.0%} to {after:.0%}.", before=told[0], after=told[1])
        )
    if unknown := int((wars.judged & ~wars.by_margin).sum()):
        said.append(
            both(
                "In {unknown} of the {judged} groups costs are not known: it is assumed that margins fall there where prices do.",
                unknown=unknown,
                judged=judged,
            )
        )
    english, chinese = zip(*said, strict=True)
    return _finding(
        "price_war",
        "production",
        (" ".join(english), "".join(chinese)),
        rows,
        value=share,
        unit="share",
        severity=min(2 * share, 1.0),
        measure="differentiate" if count else "",
    )


def _niches(goods: Assortment, settings: SamenessSettings, seed: int) -> tuple[Finding, pa.Table]:
    """Hold the niches of owners against each other: families in markets."""
    sales = goods.sales[goods.sales["week"] >= goods.weeks - YEAR]
    empty = TABLES["diagnosis_overlap"].empty()
    reason = "Niche overlap needs at least two owners that sell in at least two niches (a family in a market)."
    where = sales["market"].astype(str) + "\n" + goods.family[sales["product"]].astype(str)
    firm = goods.firm[sales["product"]]
    frame = sales.assign(niche=where.to_numpy(), firm=firm)
    table = frame[frame["firm"] != ""].pivot_table(
        index="firm", columns="niche", values="revenue", aggfunc="sum", fill_value=0.0
    )
    table = table[table.sum(axis=1) > 0]
    if len(table) < 2 or table.shape[1] < 2:
        return unmeasured("sameness", "niche_overlap", "production", reason, "weekly by firm, family and market"), empty
    chosen = table.sum(axis=1).sort_values(ascending=False, kind="stable").index[: settings.firms]
    table = table.loc[sorted(chosen)]
    table = table.loc[:, table.sum() > 0]
    if table.shape[1] < 2:
        return unmeasured("sameness", "niche_overlap", "production", reason, "weekly by firm, family and market"), empty
    shares = table.to_numpy() / table.sum(axis=1).to_numpy()[:, None]
    found = overlap_against_chance(shares, table.to_numpy(float).sum(axis=0), draws=settings.draws, seed=seed)
    near, plain = pianka(shares), schoener(shares)
    left, right = np.triu_indices(len(shares), 1)
    top = np.argsort(-near[left, right], kind="stable")[:_PAIRS_SHOWN]
    names = table.index.to_numpy(object)
    detail = pa.table(
        {
            "firm_a": names[left[top]].tolist(),
            "firm_b": names[right[top]].tolist(),
            "pianka": np.minimum(near[left[top], right[top]], 1.0),
            "schoener": np.clip(plain[left[top], right[top]], 0.0, 1.0),
        },
        schema=TABLES["diagnosis_overlap"].arrow,
    )
    worse = found.p_value < 0.05
    finding = _finding(
        "niche_overlap",
        "production",
        both(
            "Two firms share {mean:.0%} of their niches on average, against {null:.0%} if niches were dealt at random, each as often, and {sized:.0%} if they were dealt "
            "the more often the more revenue they have ({firms} {firms:firm|firms}, {niches} {niches:niche|niches}).",
            mean=found.mean,
            null=found.null,
            sized=found.sized,
            firms=len(shares),
            niches=shares.shape[1],
        ),
        f"weekly: {len(shares)} firms by family and market; diagnosis_overlap",
        value=found.mean,
        unit="share",
        comparison="null",
        reference=found.null,
        low=found.low,
        high=found.high,
        p_value=found.p_value,
        severity=float(np.clip(found.mean - found.null, 0, 1)) if worse else 0.0,
        measure="enter_market" if worse else "",
    )
    return finding, detail


def _newcomers(goods: Assortment, settings: SamenessSettings) -> npt.NDArray[np.bool_]:
    """Return which products came in the last weeks in which they count as young, of those whose title tells more than the family."""
    last = goods.weeks - 1
    return (goods.launched > max(0, last - settings.young_weeks)) & (goods.launched <= last) & goods.titled


def _inertia(goods: Assortment, pairs: Likeness, settings: SamenessSettings) -> tuple[list[Finding], pa.Table]:
    """Measure the share of young products, the age of the assortment, and how new newcomers are."""
    young, weeks = settings.young_weeks, goods.weeks
    rows = f"weekly: {weeks} weeks; products.launched"
    # Without a launch day a product is only known to be young if sales were seen before its first one.
    if weeks < young + 13:
        return [
            unmeasured(
                "sameness",
                "young_share",
                "production",
                "Whether anything new is made needs {needed} {needed:week|weeks} of sales; there are {weeks}.",
                rows,
                needed=young + 13,
                weeks=weeks,
            )
        ], TABLES["diagnosis_newness"].empty()
    matrix = np.zeros((len(goods), weeks))
    np.add.at(matrix, (goods.sales["product"], goods.sales["week"]), goods.sales["revenue"])
    last = weeks - 1
    share, age = young_share(matrix, goods.launched, first=max(weeks - 26, 0), last=last, young=young)
    has_past = weeks >= young + 26 + 26
    past = young_share(matrix, goods.launched, first=weeks - 52, last=weeks - 27, young=young) if has_past else None
    norm = young / YEAR / RENEWAL_YEARS
    findings = []
    if np.isfinite(share):
        by_sale = goods.launch_days < len(goods) / 2
        if past and by_sale:
            message = both(
                "{share:.0%} of revenue comes from products first sold less than {young} {young:week|weeks} ago, against {past:.0%} half a year before and {norm:.0%} in an "
                "assortment renewed every three years. Days of launch are not given.",
                past=past[0],
                share=share,
                young=young,
                norm=norm,
            )
        elif past:
            message = both(
                "{share:.0%} of revenue comes from products younger than {young} {young:week|weeks}, against {past:.0%} half a year before and {norm:.0%} in an assortment "
                "renewed every three years.",
                past=past[0],
                share=share,
                young=young,
                norm=norm,
            )
        elif by_sale:
            message = both(
                "{share:.0%} of revenue comes from products first sold less than {young} {young:week|weeks} ago, against {norm:.0%} in an assortment renewed every three "
                "years. Days of launch are not given, and sales begin too late to be sure: this is no complaint.",
                share=share,
                young=young,
                norm=norm,
            )
        else:
            message = both(
                "{share:.0%} of revenue comes from products younger than {young} {young:week|weeks}, against {norm:.0%} in an assortment renewed every three years.",
                share=share,
                young=young,
                norm=norm,
            )
        unsure = by_sale and past is None
        severity = 0.0 if unsure else float(np.clip(1 - share / norm, 0, 1))
        findings.append(
            _finding(
                "young_share",
                "production",
                message,
                rows,
                value=share,
                unit="share",
                comparison="norm",
                reference=norm,
                severity=severity,
                measure="license_designs" if severity > 0.2 else "",
            )
        )
        findings.append(
            _finding(
                "assortment_age",
                "production",
                both("Goods sold are {age:.0f} weeks old on average, weighted by revenue.", age=age),
                rows,
                value=age,
                unit="weeks",
                comparison="past" if past else None,
                reference=past[1] if past else None,
            )
        )
    newcomer = _newcomers(goods, settings)
    new = novelty(pairs, goods.launched)[newcomer]
    if len(new) >= 2:
        low, high = share_interval(float(new.sum()), len(new))
        usual = 1 - settings.alike
        findings.append(
            _finding(
                "novelty",
                "production",
                both(
                    "A newcomer of the last {young} {young:week|weeks} differs by {value:.0%} from the nearest product that was there before ({count} {count:newcomer|newcomers}).",
                    young=young,
                    value=float(new.mean()),
                    count=len(new),
                ),
                f"products: {len(new)} launched in the last {young} weeks",
                value=float(new.mean()),
                unit="share",
                comparison="norm",
                reference=usual,
                low=low,
                high=high,
                severity=float(np.clip(1 - high / usual, 0, 1)),
                measure="license_designs" if high < usual else "",
            )
        )
    else:
        findings.append(
            unmeasured(
                "sameness", "novelty", "production",
                "How new newcomers are needs at least two products with a telling title launched in the last {young} {young:week|weeks}; there are {count}.",
                rows, young=young, count=len(new),
            )
        )  # fmt: skip
    quarters = []
    for end in range(last, young + 12, -13):
        part, mean_age = young_share(matrix, goods.launched, first=end - 12, last=end, young=young)
        if np.isfinite(part):
            quarters.append({"weeks_ago": last - end, "young_share": part, "age": mean_age})
    return findings, pa.Table.from_pylist(quarters, schema=TABLES["diagnosis_newness"].arrow)


def _products(
    goods: Assortment,
    pairs: Likeness,
    same: Likeness,
    group: Ints,
    residual: Floats,
    settings: SamenessSettings,
    seed: int,
) -> pa.Table:
    x, y = like_map(pairs, goods.revenue, most=settings.mapped, seed=seed)
    columns = {
        "sku": goods.sku.tolist(),
        "title": goods.title.tolist(),
        "firm": [name or None for name in goods.firm],
        "revenue": goods.revenue,
        "total_similarity": pairs.total(),
        "rivals": same.rivals(goods.owner),
        "crowding": pairs.crowding(goods.revenue, settings.bandwidth),
        "group": pa.array(group + 1, pa.int64(), mask=group < 0),
        "residual": pa.array(residual, pa.float64(), from_pandas=True),
        "age": pa.array(goods.weeks - 1 - goods.launched, pa.int64(), mask=goods.launched >= goods.weeks),
        "novelty": pa.array(novelty(pairs, goods.launched), pa.float64(), mask=~_newcomers(goods, settings)),
        "x": pa.array(x, pa.float64(), from_pandas=True),
        "y": pa.array(y, pa.float64(), from_pandas=True),
    }
    return pa.table(columns, schema=TABLES["diagnosis_products"].arrow)


def _groups(
    goods: Assortment,
    same: Likeness,
    group: Ints,
    spread: Spreads,
    margins: Margins,
    wars: Wars,
) -> pa.Table:
    count = len(spread.spread)
    inside = np.flatnonzero(group >= 0)
    within = group[same.left] == group[same.right]
    code = group[same.left[within]]
    pair = np.unique(np.stack([group[inside], goods.owner[inside]]), axis=1)
    order = inside[np.lexsort((goods.revenue[inside], group[inside]))]
    leader = order[np.flatnonzero(np.diff(group[order], append=-2))]
    columns = {
        "group": np.arange(1, count + 1),
        "example": [str(goods.title[k] or goods.sku[k]) for k in leader],
        "products": np.bincount(group[inside], minlength=count),
        "owners": np.bincount(pair[0], minlength=count) if len(inside) else np.zeros(0, np.int64),
        "revenue": np.bincount(group[inside], goods.revenue[inside], minlength=count).astype(float),
        "similarity": np.bincount(code, same.score[within], minlength=count)
        / np.maximum(np.bincount(code, minlength=count), 1),
        "spread": pa.array(spread.spread, pa.float64(), from_pandas=True),
        "usual_spread": pa.array(spread.usual, pa.float64(), from_pandas=True),
        "p_value": pa.array(spread.p_value, pa.float64(), from_pandas=True),
        "price_change": pa.array(wars.price.change, pa.float64(), from_pandas=True),
        "margin_before": pa.array(margins.by_group(0, count), pa.float64(), from_pandas=True),
        "margin": pa.array(margins.by_group(1, count), pa.float64(), from_pandas=True),
        "margin_change": pa.array(wars.margin.change, pa.float64(), from_pandas=True),
        "judged_by": pa.array(np.where(wars.by_margin, "margin", "price"), mask=~wars.judged),
        "price_war": wars.war,
    }
    return pa.table(columns, schema=TABLES["diagnosis_groups"].arrow)
