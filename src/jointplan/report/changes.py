"""What a run was asked beyond its tables, and what moved against the run it stands beside."""

from __future__ import annotations

from jointplan.report.blocks import Card, Grid, Section
from jointplan.report.view import RunView
from jointplan.texts import sentences, tr

_SHOWN = 60


def what_ifs(view: RunView) -> str:
    """Return in one sentence what was changed in this run; empty where nothing was."""
    if not (changes := view.run.what_ifs):
        return ""
    return tr(
        "What if: this plan was made with {changes}. It is no plan for things as they are.", changes=tuple(changes)
    )


def changes_section(view: RunView) -> Section | None:
    """Return the section on what moved; None where the run stands beside no other."""
    base = view.manifest.get("base")
    if not base or "changes" not in view.run.tables:
        return None
    numbers = view.numbers
    frame = view.frame("changes").sort_values("quantity", ascending=False, kind="stable")
    words = {"moved": tr("moved"), "added": tr("added"), "dropped": tr("dropped")}
    kinds = {"lot": tr("Lot"), "shipment": tr("Shipment"), "purchase": tr("Purchase")}
    rows = tuple(
        (
            kinds[row.what],
            words[row.change],
            row.material if row.what == "purchase" else view.product(row.sku),
            "–" if row.what == "purchase" else view.firm(row.seller),
            numbers.number(row.quantity) if row.what == "purchase" else numbers.count(row.quantity),
            _place(view, row.from_place, row.from_week),
            _place(view, row.to_place, row.to_week),
        )
        for row in frame.head(_SHOWN).itertuples()
    )
    lots, shipments, purchases = (frame[frame["what"] == what] for what in kinds)
    units = {change: float(lots.loc[lots["change"] == change, "quantity"].sum()) for change in words}
    cards = (
        Card(tr("Units made elsewhere or in another week"), numbers.count(units["moved"])),
        Card(tr("Units made in addition"), numbers.count(units["added"])),
        Card(tr("Units no longer made"), numbers.count(units["dropped"])),
    )
    grid = Grid(
        tr("The largest changes"),
        (tr("What"), tr("Change"), tr("Product or material"), tr("For"), tr("Units"), tr("Before"), tr("Now")),
        rows,
        (4,),
        tr("All are in the workbook.") if len(frame) > _SHOWN else "",
    )
    said = [
        tr(
            "Against the run {base}, {n} {n:lot|lots} and {m} {m:shipment|shipments} are other than they were.",
            base=base,
            n=numbers.count(len(lots)),
            m=numbers.count(len(shipments)),
        )
        if len(frame)
        else tr("Against the run {base}, nothing moved.", base=base)
    ]
    if len(purchases):
        said.append(
            tr(
                "{n} {n:purchase of material is|purchases of material are} other than before.",
                n=numbers.count(len(purchases)),
            )
        )
    return Section("changes", tr("What moved?"), tr("Changes"), sentences(said), cards, (grid,) if rows else ())


def _place(view: RunView, place: str | None, week: object) -> str:
    if not isinstance(place, str):
        return "–"
    return tr("{place}, week of {day}", place=view.supplier(place), day=view.numbers.day(week))  # type: ignore[arg-type]  # a place has its week
