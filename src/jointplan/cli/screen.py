"""What a command says, and where: answers on standard output, everything else on standard error."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from types import FrameType
from typing import Any

from jointplan.contracts import Progress, Stop
from jointplan.errors import DataError, DataIssue, JointplanError
from jointplan.texts import bracketed, labelled, language, listed, tr

INTERRUPTED = 130
UNEXPECTED = 70
SHOWN_ROWS = 5
EVERY = 2.0  # seconds


@dataclass(frozen=True)
class Screen:
    """How the user wants to be answered.

    Parameters
    ----------
    as_json : bool
        One JSON object on standard output, and nothing else there.
    quiet : bool
        Nothing but errors.
    debug : bool
        The traceback of an error.
    lang : str or None
        Language asked for; None takes that of the settings.
    """

    as_json: bool = False
    quiet: bool = False
    debug: bool = False
    lang: str | None = None

    def answer(self, figures: Mapping[str, Any], *lines: str) -> None:
        """Give the answer of the command: the object for machines, or the lines for people."""
        if self.as_json:
            print(json.dumps(figures, ensure_ascii=False, allow_nan=False, default=str))
        elif not self.quiet:
            for line in lines:
                print(line)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Show how far a job is, with the time elapsed, once it takes more than two seconds."""
        if self.quiet:
            yield lambda message, share=None: None
        elif sys.stderr.isatty():
            with _live_progress() as progress:
                yield progress
        else:
            with _logged_progress() as progress:
                yield progress

    def stopping(self) -> Stop:
        """Return who asks for the end where Ctrl-C is pressed."""
        return _CtrlC(self.quiet)

    def failed(self, error: BaseException) -> int:
        """Say what went wrong, in a sentence with its cure, and return the exit code."""
        if self.debug and not isinstance(error, KeyboardInterrupt):
            traceback.print_exception(error)
        issues: Sequence[DataIssue] = ()
        match error:
            case JointplanError():
                message, cure, code = error.message, error.cure, error.exit_code
                issues = error.issues if isinstance(error, DataError) else ()
            case KeyboardInterrupt():
                message, cure, code = tr("Stopped."), tr("Nothing was left half-written."), INTERRUPTED
            case OSError(filename=str() | bytes() as path):
                message = tr("{path}: {reason}.", path=path, reason=error.strerror or type(error).__name__)
                cure, code = tr("Check that it is there, may be read and written, and that the disk has room."), 1
            case MemoryError():
                message, cure, code = tr("The memory ran out."), tr("Plan fewer weeks or products at once."), 3
            case _:
                reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
                message = tr("Something went wrong that should not ({reason}).", reason=reason)
                cure = tr("Run it again with --debug and send what it prints to the makers of Jointplan.")
                code = UNEXPECTED
        if self.as_json:
            problem = {"error": message, "cure": cure, "exit": code, "issues": [i.as_dict() for i in issues]}
            print(json.dumps(problem, ensure_ascii=False))
        if any(issue.message != message for issue in issues):
            print("\n".join([*grouped(issues), ""]), file=sys.stderr)
        print(joined(message, cure), file=sys.stderr)
        return code


def grouped(issues: Sequence[DataIssue]) -> list[str]:
    """Return issues as lines, by table and file, equal ones told once with their number and first rows."""
    from jointplan.schema import TABLES  # only problems need it

    def place(issue: DataIssue) -> tuple[str, str]:
        return issue.table, issue.file

    def sort(issue: DataIssue) -> tuple[str, str, str]:
        return issue.severity, issue.rule, issue.column

    # What stops a run comes first, table by table, those that others refer to before them: a slip there has many followers.
    rank = {name: n for n, name in enumerate(TABLES)}
    wrong = {place(issue) for issue in issues if issue.severity == "error"}
    # Equal ones stand where the first of them is; one without a row, before all that have one.
    begins: dict[tuple[str, ...], int] = {}
    for issue in issues:
        if issue.row is not None:
            kind = (*place(issue), *sort(issue))
            begins[kind] = min(issue.row, begins.get(kind, issue.row))
    lines: list[str] = []
    in_order = sorted(
        issues,
        key=lambda i: (
            place(i) not in wrong,
            rank.get(i.table, -1),
            *place(i),
            i.severity,
            begins.get((*place(i), *sort(i)), 0),
            i.column,
            i.rule,
            i.row is None,
            i.row or 0,
        ),
    )
    for (table, file), found in groupby(in_order, key=place):
        here = list(found)
        heading = " — ".join(part for part in (_named(table), file) if part) or tr("workspace")
        lines.append(labelled(heading, counted(here)))
        for (severity, _, column), same in groupby(here, key=sort):
            alike = list(same)
            first = alike[0]
            spot = listed(
                part
                for part in (
                    tr("row {row}", row=first.row) if first.row else "",
                    _column(table, column),
                    f'"{first.value}"' if first.value and first.row else "",
                )
                if part
            )
            mark = "✗" if severity == "error" else "!"
            said = joined(first.message, first.cure)
            lines.append(f"  {mark} {labelled(spot, said) if spot else said}")
            others = [issue for issue in alike[1:] if issue.row or issue.value]
            # The last may stand for rows that are counted, not listed.
            counted_only = [issue for issue in alike[1:] if issue not in others]
            if others:
                more = len(others) + sum(issue.rows for issue in counted_only)
                lines.append("    " + tr("{n} more of this kind", n=more) + _rows(others, first, more))
            else:
                lines += [f"    {issue.message}" for issue in counted_only]
    return lines


def _column(table: str, column: str) -> str:
    """Return which column of a table a problem is about, or which columns of its key; nothing where it is about none."""
    names = tuple(_named(table, name) for name in column.split(", ") if name)
    if len(names) > 1:
        return tr("columns {columns}", columns=names)
    return tr("column {column}", column=names[0]) if names else ""


def _rows(issues: Sequence[DataIssue], first: DataIssue, count: int) -> str:
    """Return where the first of so many issues are, what else than in the first stands there, and what was meant."""

    def told(issue: DataIssue) -> str:
        value = f'"{issue.value}"' if issue.value and issue.value != first.value else ""
        meant = " → ".join(part for part in (value, issue.guess) if part) if value else ""
        if not issue.row:
            return meant
        return bracketed(f"{issue.row}", meant) if meant else f"{issue.row}"

    places = list(dict.fromkeys(map(told, issues)))  # a row may have several of the problems
    shown = places[:SHOWN_ROWS]
    found = listed(shown) + (" …" if count > len(issues) or len(places) > len(shown) else "")
    if not issues[0].row:
        return labelled("", found) if any(places) else ""
    return tr(", in row {rows}", rows=found) if len(places) == 1 else tr(", in rows {rows}", rows=found)


def left_open(blank: Mapping[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    """Return in words what is assumed of the columns of each table that nobody filled in."""
    from jointplan.schema import TABLES  # only checking needs it

    words = attrgetter("absent_zh" if language() == "zh" else "absent")
    return {table: {name: words(TABLES[table][name]) for name in columns} for table, columns in blank.items()}


def left_open_lines(assumed: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Return the same for people, a line for each table."""
    return [
        tr(
            "Left open in {table}, and so assumed: {columns}.",
            table=_named(table),
            columns=tr("; ").join(labelled(_named(table, column), what) for column, what in columns.items()),
        )
        for table, columns in assumed.items()
    ]


def _named(table: str, column: str = "") -> str:
    """Return a table or a column of it as the reader calls it: in Chinese by both names, as files may use either."""
    from jointplan.schema import TABLES  # only problems need it

    code = column or table
    if language() != "zh" or table not in TABLES or (column and column not in TABLES[table].names):
        return code
    return bracketed(TABLES[table][column].zh if column else TABLES[table].zh, code)


def joined(message: str, cure: str) -> str:
    """Return two sentences; Chinese has no space between them."""
    return f"{message}{'' if message.endswith(('。', '？')) else ' '}{cure}".strip()


def counted(issues: Sequence[DataIssue]) -> str:
    """Return in words how many errors and warnings there are, those that are counted and not listed among them."""
    errors = sum(issue.rows for issue in issues if issue.severity == "error")
    warnings = sum(issue.rows for issue in issues if issue.severity != "error")
    return tr("errors: {errors}, warnings: {warnings}", errors=errors, warnings=warnings)


@dataclass
class _CtrlC(Stop):
    """Asks for the end at the first Ctrl-C; the second is what it is everywhere else."""

    quiet: bool
    asked: bool = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen, in the thread that hears signals."""
        usual = signal.getsignal(signal.SIGINT)
        if not callable(usual) or threading.current_thread() is not threading.main_thread():
            yield
            return

        def press(number: int, frame: FrameType | None) -> None:
            signal.signal(signal.SIGINT, usual)
            self.asked = True
            if not self.quiet:
                told = tr("Ending with the best plans found so far. Press Ctrl-C again to end without them.")
                print(told, file=sys.stderr, flush=True)

        signal.signal(signal.SIGINT, press)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, usual)


@contextmanager
def _logged_progress() -> Iterator[Progress]:
    """Write a line every two seconds in which something new began, for logs; one a minute where nothing did."""
    began = time.monotonic()
    latest = ["", ""]
    over = threading.Event()

    def progress(message: str, share: float | None = None) -> None:
        latest[0] = message if share is None else tr("{message} · {share} done", message=message, share=f"{share:.0%}")

    def write() -> None:
        quiet = 0
        while not over.wait(EVERY):
            quiet += 1
            if latest[0] != latest[1] or quiet * EVERY >= 60:
                quiet, latest[1] = 0, latest[0]
                print(f"[{time.monotonic() - began:6.1f} s] {latest[1]}", file=sys.stderr, flush=True)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        yield progress
    finally:
        over.set()
        writer.join()


@contextmanager
def _live_progress() -> Iterator[Progress]:
    """Show a bar at the terminal, with the time elapsed; it vanishes when the job is done."""
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def progress(message: str, share: float | None = None) -> None:
            if share is None:
                bar.tasks[0].total = None  # update() takes None for no change
                bar.update(task, description=message)
            else:
                bar.update(task, description=message, total=1.0, completed=share)

        yield progress
