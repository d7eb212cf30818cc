"""The report page: one file that opens without a network."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from jointplan.report.basis import basis_section
from jointplan.report.batches import batches_section
from jointplan.report.blocks import Chart, Section
from jointplan.report.buying import buying_section
from jointplan.report.changes import changes_section, what_ifs
from jointplan.report.diagnosis import diagnosis_headline, diagnosis_sections
from jointplan.report.gain import gain_section, headline
from jointplan.report.heat import heat_section
from jointplan.report.launches import launches_section
from jointplan.report.making import making_section
from jointplan.report.measures import measures_section
from jointplan.report.numbers import MINUS
from jointplan.report.parties import parties_section
from jointplan.report.selling import selling_section
from jointplan.report.shipping import shipping_section
from jointplan.report.stocking import stocking_section
from jointplan.report.view import RunView
from jointplan.report.why import why_section
from jointplan.texts import tr

HTML_LANG = {"en": "en", "zh": "zh-Hans"}


@cache
def templates() -> Environment:
    """Return the templates; every value put into one is escaped."""
    environment = Environment(
        loader=PackageLoader("jointplan.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_keep_signs,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["tr"] = tr
    return environment


def _keep_signs(value: Any) -> Any:
    """Return a text in which no line breaks between a sign and its amount."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return re.sub(rf"([{MINUS}+])(?=[^\s\d])", "\\1\u2060", value)


def asset(name: str) -> Markup:
    """Return a file of the package as it stands, to be put into a page."""
    return Markup((files("jointplan.report") / "assets" / name).read_text("utf-8"))


@cache
def chart_library() -> Markup:
    """Return Vega, Vega-Lite and Vega-Embed as one script."""
    import vl_convert

    script: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # the snippet is optional; its stub forgets
    return Markup(script.replace("</script", "<\\/script").replace("<!--", "<\\!--"))


def script_data(value: Any) -> Markup:
    """Return a value as JSON that can stand inside a script element: no ``<`` can end it early; what is no number is null."""
    text = json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


def _finite(value: Any) -> Any:
    """Return a value in which numbers that are none, such as a share of nothing, are None."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def report_sections(view: RunView) -> list[Section]:
    """Return the sections of the report, in the order in which a reader asks."""
    sections = (
        gain_section(view),
        changes_section(view),
        parties_section(view),
        measures_section(view),
        making_section(view),
        batches_section(view),
        buying_section(view),
        why_section(view),
        shipping_section(view),
        selling_section(view),
        heat_section(view),
        launches_section(view),
        stocking_section(view),
        *diagnosis_sections(view),
        basis_section(view),
    )
    return [section for section in sections if section is not None]


def write_page(view: RunView, path: Path, mark: str = "") -> Path:
    """Write the report page and return where it is; ``mark`` stands in the names of what lies beside it."""
    return _written(
        view,
        path,
        report_sections(view),
        title=tr("Joint plan"),
        kicker=tr("Joint plan for an industrial cluster"),
        period=tr("{weeks} {weeks:week|weeks} from {start}", weeks=view.weeks, start=view.numbers.day(view.start)),
        headline=headline(view),
        closing=tr(
            "every table is in {workbook}; each firm's own work list is in the folder {folder}",
            workbook=f"report{mark}.xlsx",
            folder=f"worklists{mark}",
        ),
    )


def write_diagnosis_page(view: RunView, path: Path) -> Path:
    """Write the page of a diagnosis made by itself and return where it is."""
    run = view.manifest.get("run")
    return _written(
        view,
        path,
        diagnosis_sections(view),
        title=tr("Diagnosis"),
        kicker=tr("What holds the cluster back"),
        period=tr("plans of run {run}", run=run) if run else tr("measured on its own tables"),
        headline=diagnosis_headline(view),
        closing=tr("every table is in report.xlsx"),
    )


def _written(
    view: RunView,
    path: Path,
    sections: list[Section],
    *,
    title: str,
    kicker: str,
    period: str,
    headline: str,
    closing: str,
) -> Path:
    charts = {block.name: block.spec for section in sections for block in section.blocks if isinstance(block, Chart)}
    page = templates().get_template("page.html.j2")
    text = page.render(
        lang=HTML_LANG[view.lang],
        name=view.manifest["name"],
        title=title,
        kicker=kicker,
        closing=closing,
        period=period,
        synthetic=view.manifest.get("synthetic", False),
        what_ifs=what_ifs(view),
        run=view.manifest["id"],
        created=view.manifest["created"],
        headline=headline,
        sections=sections,
        style=asset("page.css"),
        script=asset("page.js"),
        library=chart_library() if charts else Markup(""),
        charts=script_data(charts),
        locale=script_data(_chart_locale(view.lang)),
    )
    path.write_text(text, "utf-8")
    return path


def _chart_locale(lang: str) -> dict[str, Any]:
    """Return how charts write numbers and dates."""
    if lang != "zh":
        return {}
    import vl_convert

    return {
        "formatLocale": vl_convert.get_format_locale("zh-CN"),
        "timeFormatLocale": vl_convert.get_time_format_locale("zh-CN"),
    }
