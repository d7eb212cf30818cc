"""Whatever a run may name has words in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import jointplan
from jointplan.report import write_report
from jointplan.report.words import ITEMS, UNITS, model_name
from jointplan.schema import TABLES
from jointplan.store import StoredRun
from jointplan.texts import set_language
from tests.report.clusters import Cluster, build
from tests.report.test_page import Page

AS_THEY_ARE = {"", "%", "day", "kg", "lb", "m³"}


def assumed(place: int, name: str) -> Iterator[str]:
    """Yield what is written out for one field wherever the program assumes something."""
    for file in Path(jointplan.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Assumption":
                given = dict(enumerate(node.args)).get(place)
                given = next((keyword.value for keyword in node.keywords if keyword.arg == name), given)
                if isinstance(given, ast.Constant):
                    yield str(given.value)


def test_what_is_assumed_has_words() -> None:
    """Its kind is a table, a setting or in the vocabulary; so is its unit."""
    kinds = {item for item in assumed(0, "item") if item not in TABLES and "." not in item}
    assert not kinds - ITEMS.keys()
    assert not set(assumed(6, "unit")) - UNITS.keys() - AS_THEY_ARE


def test_models_of_the_program_are_said_in_words() -> None:
    """Means of models are named by what they are, published models as the settings name them."""
    set_language("zh")
    assert [model_name(name) for name in ("Weighted", "Combination × season", "SES", "SES × season")] == [
        "各模型加权平均", "各模型平均 × 季节", "SES", "SES × 季节",
    ]  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_settings_are_written_as_the_settings_file_has_them(tmp_path: Path, lang: str) -> None:
    """Neither None nor True of the program: true, and what is not set is said to be so."""
    stored = build(tmp_path / "run", Cluster())
    manifest = stored.manifest
    manifest["settings"] = {"plan": {"seconds": None, "quick": True, "weeks": [1, 2]}, "name": ""}
    run = StoredRun(stored.folder)
    run.__dict__["manifest"] = manifest
    write_report(run, tmp_path / "report", lang=lang)
    page = Page(next((tmp_path / "report").glob("report*.html")).read_text("utf-8"))
    told = [word.strip() for word in page.words]
    at = [
        told[n + 1 :][:3] for n, word in enumerate(told) if word.endswith(("plan.seconds", "plan.quick", "plan.weeks"))
    ]
    values = [next(word for word in words if word) for words in at]
    assert values == ["unset" if lang == "en" else "未设置", "true", "1, 2"]
    assert not {"None", "True", "False"} & set(told)
