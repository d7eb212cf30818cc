"""The diagnosis in the report: one page of ranked findings, then a section each topic with its picture."""

from jointplan.report.diagnosis.sections import diagnosis_headline, diagnosis_sections

__all__ = ["diagnosis_headline", "diagnosis_sections"]
