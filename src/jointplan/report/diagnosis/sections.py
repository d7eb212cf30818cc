"""The sections of the diagnosis, in their order."""

from __future__ import annotations

from collections.abc import Callable

from jointplan.report.blocks import Section
from jointplan.report.diagnosis.codevelopment import codevelopment_section
from jointplan.report.diagnosis.findings import diagnosis_headline, findings_section
from jointplan.report.diagnosis.information import information_section
from jointplan.report.diagnosis.lock_in import lock_in_section
from jointplan.report.diagnosis.logistics import logistics_section
from jointplan.report.diagnosis.sameness import sameness_section
from jointplan.report.diagnosis.structure import structure_section
from jointplan.report.view import RunView

__all__ = ["diagnosis_headline", "diagnosis_sections"]

_TOPICS: tuple[Callable[[RunView], Section | None], ...] = (
    structure_section,
    sameness_section,
    lock_in_section,
    information_section,
    logistics_section,
    codevelopment_section,
)


def diagnosis_sections(view: RunView) -> list[Section]:
    """Return the findings and the section of each topic; nothing where a run has no findings."""
    if "findings" not in view.run.tables:
        return []
    found = (findings_section(view), *(section(view) for section in _TOPICS))
    return [section for section in found if section is not None]
