"""What the commands that plan have in common: their settings, the planning, and what they say of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jointplan.cli.screen import Screen
from jointplan.texts import labelled, language, set_language, tr

if TYPE_CHECKING:
    from jointplan.store import StoredRun
    from jointplan.study import Comparison, Run, Study


def planned(
    screen: Screen, study: Study, what_if: list[str] | None, members: tuple[str, ...] | None, *, report: bool
) -> tuple[Run, Comparison | None]:
    """Plan, beside the plan without the what-ifs where there are any."""
    write = write_report if report else None
    with screen.progress() as progress:
        if what_if:
            return study.what_if(what_if, report=write, members=members, progress=progress, stop=screen.stopping())
        return study.run(report=write, members=members, progress=progress, stop=screen.stopping()), None


def endings(made: Run) -> list[str]:
    """Return how far each plan may be off and why its search ended, what decided lots need, and what is given up."""
    from jointplan.report.ending import bound_lines, ending_lines
    from jointplan.report.given_up import given_up_lines
    from jointplan.report.strain import strain_lines
    from jointplan.report.view import RunView

    view = RunView(made.stored, made.manifest["language"], coded=True)
    with view.speaking():
        given_up = given_up_lines(view, made.stored.folder.parent.parent)
        return [*ending_lines(view), *bound_lines(view), *strain_lines(view), *given_up]


def asked_run(stored: StoredRun) -> str:
    """Return which run is answered for, with its what-ifs in words, and that its joint plan was not looked for."""
    from jointplan.study.what_if import in_words

    said = tr("run {name}", name=stored.id)
    if stored.what_ifs:
        changes = tr("; ").join(in_words(text) for text in stored.what_ifs)
        said = tr("run {name} (what if: {changes})", name=stored.id, changes=changes)
    return said if stored.joint_searched else tr("{run}, whose joint plan was not searched", run=said)


def where(made: Run) -> str:
    """Return where the report, or else the run, is."""
    if made.report:
        return tr("The report is {file}", file=made.report)
    return tr("The run is in {folder}.", folder=made.stored.folder)


def beside_figures(made: Run, beside: Comparison | None) -> dict[str, Any]:
    """Return the figures of a run, with those of the run it stands beside."""
    from jointplan.report.given_up import given_up
    from jointplan.report.view import RunView

    figures: dict[str, Any] = dict(made.manifest["figures"])
    if not made.stored.joint_searched:
        figures["joint_searched"] = False
    if found := given_up(RunView(made.stored, made.manifest["language"])):
        figures["given_up"] = found
    if idle := idle_figures(made):
        figures["nothing_to_work_on"] = idle
    if beside is not None:
        figures["what_if"] = made.manifest["what_if"]
        figures["beside"] = {key: value for key, value in beside.as_dict().items() if key not in ("changes", "wanted")}
    return figures


def idle_figures(made: Run) -> list[dict[str, str]]:
    """Return the measures that were asked for and have nothing to work on, each with what would give it something."""
    return [{"measure": name, "needs": needs} for name, _, needs in _idle(made)]


def idle_lines(made: Run) -> list[str]:
    """Return the same, a line each."""
    lines = [f"  {labelled(label, needs)}" for _, label, needs in _idle(made)]
    return [tr("Nothing to work on:"), *lines] if lines else []


def _idle(made: Run) -> list[tuple[str, str, str]]:
    """Return name, label and needs of these measures."""
    from jointplan.report.measures import idle_measures

    zh = language() == "zh"
    return [
        (m.name, m.label_zh if zh else m.label, m.needs_zh if zh else m.needs) for m in idle_measures(made.manifest)
    ]


def beside_lines(made: Run, beside: Comparison | None) -> list[str]:
    """Return what changed against the run without the what-ifs."""
    from jointplan.study.leaving import LOST_SOURCE

    if beside is None:
        return []
    lost = [row for row in made.tables["assumptions"].to_pylist() if row["item"] == LOST_SOURCE]
    return [
        tr("What if {changes}:", changes=tuple(made.manifest["what_if"])),
        *(
            "  "
            + tr(
                "No source is left of {material}: {n} {n:product|products} that it goes into cannot be made.",
                material=row["subject"],
                n=int(row["value"]),
            )
            for row in lost
        ),
        *value_lines(
            beside,
            recorded=tr("As recorded, not counted without the materials that were used")
            if lost and made.manifest["figures"]["value"]["recorded"] is None
            else tr("As recorded, counted with the change"),
        ),
    ]


def value_lines(found: Comparison, *, in_time: bool = True, recorded: str = "") -> list[str]:
    """Return the values of two runs side by side, a line each plan; ``in_time``: the one before and the one now.

    ``recorded`` is what the recorded plan is called, where the second run counts it otherwise than the first.
    """
    from jointplan.report.numbers import apart

    names = {
        "recorded": recorded or tr("As recorded"),
        "separate": tr("Separate plans"),
        "joint": tr("Joint plan"),
        "gain": tr("Gain"),
    }
    rows: list[tuple[str, float | None, float | None, bool | None]] = [
        *((row["plan"], row["first"], row["second"], row["distinguishable"]) for row in found.values),
        ("gain", found.whole_gains[0].found, found.whole_gains[1].found, found.gain_distinguishable),
    ]
    unsure = tr("not distinguishable: either may be that far from the best plan")
    begun = [run for run, searched in zip(found.runs, found.joint_searched, strict=True) if not searched]
    unsearched = tr("the joint plan of {runs} was not searched", runs=tuple(dict.fromkeys(begun)))
    frozen = [asked["frozen"] for asked in found.asked]
    kept = [run for run, of in zip(found.runs, frozen, strict=True) if of and of["lots"]]
    burdened = tr("not to be held against each other: separate plans of {runs} make frozen lots", runs=tuple(kept))

    def remark(plan: str, first: float | None, second: float | None, told_apart: bool | None) -> str:
        if begun and plan in ("joint", "gain"):
            return tr("; ") + unsearched
        if kept and frozen[0] != frozen[1] and plan in ("separate", "gain"):
            return tr("; ") + burdened
        return tr("; ") + unsure if told_apart is False and round(second or 0.0) != round(first or 0.0) else ""

    line = (
        tr("{what}: {first} before, {second} now ({difference})")
        if in_time
        else tr("{what}: {first} and {second} ({difference})")
    )
    return [
        "  "
        + line.format(
            what=names[plan],
            first=amount(first),
            second=amount(second),
            difference="–" if first is None or second is None else _signed(apart(second, first)),
        )
        + remark(plan, first, second, told_apart)
        for plan, first, second, told_apart in rows
    ]


def _signed(difference: int) -> str:
    """Return a difference in whole units of money with its sign; none has no sign."""
    return f"{difference:+,}" if difference else "0"


def amount(value: float | None) -> str:
    """Return an amount in whole units of money."""
    return "–" if value is None else f"{round(value):,}"


def opened(screen: Screen, folder: Path, changes: dict[str, Any] | None = None, *, like: str | None = None) -> Study:
    """Open a workspace with the settings the user changed on the command line; ``like`` takes those of a run, its language among them."""
    from jointplan.study import Study

    given = {**(changes or {}), "language": screen.lang}
    known = {name: value for name, value in given.items() if value is not None}
    if like is None:
        return Study.open(folder, known)
    study = Study.like(folder, like, known)
    set_language(study.settings.language)
    return study


def changes(
    measures: str | None,
    seconds: float | None,
    seed: int | None,
    horizon_weeks: int | None,
    replay: str | None,
    currency: str | None,
) -> dict[str, Any]:
    """Return the settings that options change."""
    return {
        "measures": None if measures is None else list(names_in(measures) or ()),
        "plan.solve.seconds": seconds,
        "seed": seed,
        "horizon.weeks": horizon_weeks,
        "horizon.replay": replay,
        "currency": currency,
    }


def names_in(text: str | None) -> tuple[str, ...] | None:
    """Return the names in a list with commas, the Chinese comma among them."""
    if text is None:
        return None
    return tuple(dict.fromkeys(name.strip() for name in text.replace("，", ",").split(",") if name.strip()))


def write_report(stored: StoredRun, folder: Path) -> None:
    """Write the report of a run in the run's language."""
    from jointplan import report

    report.write_report(stored, folder, lang=stored.manifest["language"])
