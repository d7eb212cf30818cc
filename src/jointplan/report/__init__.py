"""What people read of a finished run: the report page, the workbook, and a work list for each firm."""

from __future__ import annotations

from pathlib import Path

from jointplan.store import StoredRun

__all__ = ["write_diagnosis", "write_report"]


def write_report(run: StoredRun, folder: Path, *, lang: str) -> list[Path]:
    """Write everything people read of a run.

    Parameters
    ----------
    run : StoredRun
        A finished run.
    folder : Path
        Where to write; ``report.html``, ``report.xlsx`` and ``worklists/`` in it are replaced. In another language than
        the run's they are called ``report.zh.html`` and so on, and stand beside.
    lang : str
        ``en`` or ``zh``.

    Returns
    -------
    list of Path
        The files written: the page, the workbook, then the work lists.
    """
    # pandas takes half a second to load, which no other command should pay.
    from jointplan.report.page import write_page
    from jointplan.report.view import RunView
    from jointplan.report.workbook import write_workbook
    from jointplan.report.worklist import write_worklists

    view = RunView(run, lang)
    mark = "" if lang == run.manifest["language"] else f".{lang}"
    folder.mkdir(parents=True, exist_ok=True)
    with view.speaking():
        return [
            write_page(view, folder / f"report{mark}.html", mark),
            write_workbook(view, folder / f"report{mark}.xlsx"),
            *write_worklists(view, folder / f"worklists{mark}"),
        ]


def write_diagnosis(run: StoredRun, folder: Path, *, lang: str) -> list[Path]:
    """Write what people read of a diagnosis made by itself: the page and the workbook.

    Parameters are those of :func:`write_report`.
    """
    from jointplan.report.page import write_diagnosis_page
    from jointplan.report.view import RunView
    from jointplan.report.workbook import write_workbook

    view = RunView(run, lang)
    folder.mkdir(parents=True, exist_ok=True)
    with view.speaking():
        return [write_diagnosis_page(view, folder / "report.html"), write_workbook(view, folder / "report.xlsx")]
