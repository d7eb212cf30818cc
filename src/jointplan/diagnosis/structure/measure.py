"""The topic: scattered, or tied to its core."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.home import only_source
from jointplan.diagnosis.settings import StructureSettings
from jointplan.diagnosis.structure import cohesion
from jointplan.diagnosis.structure.core import chance, core_of, random_networks
from jointplan.diagnosis.structure.industry import measure_industry
from jointplan.diagnosis.structure.network import Network
from jointplan.diagnosis.structure.picture import Placed, drawn_at, firms_table, ties_table
from jointplan.diagnosis.structure.positions import positions
from jointplan.diagnosis.structure.ties import network_of
from jointplan.engine import Tables
from jointplan.texts import both

CONFIDENT = 0.05
DERIVED = 0.5  # of the severity, where ties are derived
RESOLUTIONS = (0.5, 1.0, 2.0)
SWEPT = 50_000  # ties above which the number of communities is told at one resolution only


def measure_structure(tables: Tables, settings: StructureSettings, *, currency: str, seed: int) -> Diagnosed:
    """Measure how scattered the cluster is.

    Parameters
    ----------
    tables : Tables
        ``firms``; ``ties``, or what they can be derived from; ``trade`` where it is given.
    settings : StructureSettings
        How it is measured.
    currency : str
        Currency of the run.
    seed : int
        Seed of the random networks and of the communities.
    """
    net = network_of(tables, settings.backbone, currency=currency)
    located = positions(tables, settings.near_km)
    industry = measure_industry(tables, net)
    findings = [*net.notes, *located.findings, *industry.findings]
    if not len(net.a):
        reason = unmeasured(
            "structure", "core", "production",
            "No firm is tied to another, and ties cannot be derived: no two firms share makers, materials, orders or markets. "
            "Fill in the table ties.",
            net.source,
        )  # fmt: skip
        return Diagnosed((reason, *findings), industry.tables)
    placed = _placed(net, seed)
    details = {
        "diagnosis_firms": firms_table(net, placed, located.of(net.firms), drawn_at(net, seed)),
        "diagnosis_ties": ties_table(net),
        **industry.tables,
    }
    of_ties = [*_core(net, placed, settings, seed), *_cohesion(net, placed, seed)]
    if net.derived and (star := _star(tables, net, [finding.indicator for finding in of_ties])):
        of_ties = star
    elif net.derived:  # what ties were never told of is weaker evidence
        of_ties = [replace(f, severity=None if f.severity is None else DERIVED * f.severity) for f in of_ties]
    return Diagnosed((*of_ties, *findings), details)


def _star(tables: Tables, net: Network, indicators: list[str]) -> list[Finding]:
    """Return the reason in place of each indicator, where derived ties can but gather on the one seller whose records were brought."""
    source = only_source(tables)
    sellers = tables.frame("weekly", "seller")["seller"].unique()
    if source is None or len(sellers) != 1:
        return []
    return [
        unmeasured(
            "structure", indicator, "production",
            "How firms are tied cannot be told: all sales were brought from {source} and are of one seller, {seller}, on whom ties derived from them must gather. Fill in the table ties.",
            net.source, source=source, seller=str(sellers[0]),
        )
        for indicator in indicators
    ]  # fmt: skip


def _placed(net: Network, seed: int) -> Placed:
    core = core_of(net.degree)
    with_core = np.concatenate([net.weight * core[net.b], net.weight * core[net.a]])
    into_core = np.asarray(np.bincount(np.concatenate([net.a, net.b]), with_core, len(net.firms)), float)
    community, _ = cohesion.communities(net, seed=seed)
    return Placed(
        core,
        net.degree,
        net.strength,
        cohesion.core_numbers(net),
        community,
        cohesion.parts(net),
        cohesion.bridges(net),
        into_core,
    )


def _told(net: Network, message: tuple[str, str]) -> tuple[str, str]:
    """Return a sentence in both languages, marked where ties are derived; what that means stands with the section."""
    if not net.derived:
        return message
    warning = both("(Derived ties.)")
    return f"{message[0]} {warning[0]}", f"{message[1]}{warning[1]}"


def _core(net: Network, placed: Placed, settings: StructureSettings, seed: int) -> Iterator[Finding]:
    """Measure the core against networks at random, and who is tied to it."""
    core, n, m = placed.core, len(net.firms), len(net.a)
    size = int(core.sum())
    inside = int((core[net.a] & core[net.b]).sum())
    draws = int(np.clip(settings.draws * settings.most_ties // m, 20, settings.draws))
    null = random_networks(net, core, draws, seed)
    low, high = np.quantile(null.inside, [0.025, 0.975])
    mean = float(null.inside.mean())
    denser, looser = chance(inside, null.inside, above=True), chance(inside, null.inside, above=False)
    values = {"size": size, "inside": inside, "usual": f"{mean:.1f}"}
    if denser <= CONFIDENT:
        said = both(
            "The {size} firms of the core have {inside} ties with each other, against {usual} if ties were drawn at random: it is a real core.",
            **values,
        )
    elif looser <= CONFIDENT:
        said = both(
            "The {size} best-tied firms have only {inside} ties with each other, against {usual} if ties were drawn at random: they avoid each other, the cluster has no core.",
            **values,
        )
    else:
        said = both(
            "The {size} best-tied firms have {inside} ties with each other, and {usual} if ties were drawn at random: no core beyond firms that have many ties.",
            **values,
        )
    yield Finding(
        "structure", "core", "production", *_told(net, said), net.source, "", float(inside), "count", "null", mean,
        float(low), float(high), min(denser, looser), 0.6 if looser <= CONFIDENT else 0.0, "share_capacity",
    )  # fmt: skip

    outside = n - size
    if outside:
        tied = np.zeros(n, bool)
        tied[net.a[core[net.b]]] = True
        tied[net.b[core[net.a]]] = True
        alone = 1 - int((tied & ~core).sum()) / outside
        by_chance = 1 - null.tied / outside
        said = both(
            "{share} of the firms outside the core are tied to no core firm; {usual} would be if ties were drawn at random.",
            share=f"{alone:.0%}",
            usual=f"{by_chance.mean():.0%}",
        )
        low, high = np.quantile(by_chance, [0.025, 0.975])
        yield Finding(
            "structure", "outside_core", "production", *_told(net, said), net.source, "", alone, "share", "null",
            float(by_chance.mean()), float(low), float(high), chance(alone, by_chance, above=True), alone,
            "share_capacity,divide_labour",
        )  # fmt: skip
        strength = placed.strength[~core].sum()
        if strength > 0:
            share = float(placed.into_core[~core].sum() / strength)
            usual = float(placed.strength[core].sum() / placed.strength.sum())
            said = both(
                "{share} of the business of the firms outside the core is with core firms; these have {usual} of all business.",
                share=f"{share:.0%}",
                usual=f"{usual:.0%}",
            )
            yield Finding(
                "structure", "from_core", "production", *_told(net, said), net.source, "", share, "share", "others", usual,
                severity=max(0.0, 0.5 - share), measure="pool_orders,divide_labour",
            )  # fmt: skip


def _cohesion(net: Network, placed: Placed, seed: int) -> Iterator[Finding]:
    """Measure how the network holds together."""
    n, sizes = len(net.firms), np.bincount(placed.part)
    isolated = int((placed.degree == 0).sum())
    broken = cohesion.fragmentation(sizes)
    said = (
        both("Every firm can reach every other by some way of ties.")
        if broken == 0
        else both(
            "{share} of all pairs of firms cannot reach each other by any way of ties: the cluster is in {parts} {parts:part|parts}, {isolated} of them single firms.",
            share=f"{broken:.0%}",
            parts=len(sizes),
            isolated=isolated,
        )
    )
    yield Finding(
        "structure", "fragmentation", "production", *_told(net, said), net.source, "", broken, "share",
        severity=broken, measure="share_capacity,share_demand_data",
    )  # fmt: skip
    far = cohesion.distance_fragmentation(net, seed)
    said = both(
        "Counting long ways as broken in part, {share} of the cohesion that could be is missing.", share=f"{far:.0%}"
    )
    yield Finding("structure", "distance_fragmentation", "production", *_told(net, said), net.source, "", far, "share")
    central = cohesion.centralisation(placed.degree)
    said = both("Ties gather on one firm to {share} of what they could.", share=f"{central:.0%}")
    yield Finding(
        "structure", "centralisation", "production", *_told(net, said), net.source, "", central, "share",
        severity=central if central > 0.5 else 0.0, measure="divide_labour",
    )  # fmt: skip
    deepest = int(placed.coreness.max())
    said = both(
        "{firms} firms form the innermost core: each is tied to at least {k} {k:other|others} in it.",
        firms=int((placed.coreness == deepest).sum()),
        k=deepest,
    )
    yield Finding("structure", "k_core", "production", *_told(net, said), net.source, "", float(deepest), "count")
    quality = cohesion.modularity(net, placed.community)
    groups = int((np.bincount(placed.community) > 1).sum())
    counts = cohesion.sweep(net, RESOLUTIONS, seed) if len(net.a) <= SWEPT else [groups]
    said = both(
        "Business falls into {groups} {groups:community|communities} (modularity {quality}; {least} to {most} when looked at coarser or finer).",
        groups=groups,
        quality=f"{quality:.2f}",
        least=min(counts),
        most=max(counts),
    )
    yield Finding("structure", "communities", "production", *_told(net, said), net.source, "", quality, "modularity")
    hanging = int((placed.degree == 1).sum())
    said = (
        both("No firm hangs on a single tie.")
        if not hanging
        else both(
            "{firms} {firms:firm|firms} ({share}) {firms:hangs|hang} on a single tie: without that partner they are cut off.",
            firms=hanging,
            share=f"{hanging / n:.0%}",
        )
    )
    yield Finding(
        "structure", "single_tie", "production", *_told(net, said), net.source, "", hanging / n, "share",
        severity=hanging / n, measure="share_capacity",
    )  # fmt: skip
