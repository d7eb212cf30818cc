"""The errors Jointplan raises, one small tree.

::

    JointplanError                 every error of ours; carries a cure
    ├── UsageError                 the command or call was made wrongly           exit 2
    ├── DataError                  the input has problems, collected in `issues`  exit 1
    ├── WorkspaceError             the folder cannot be read or written           exit 1
    └── NoResultError              nothing could be computed                      exit 3
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class DataIssue:
    """One problem in the input, with its place and its cure.

    Parameters
    ----------
    table, file, column : str
        Where it stands; empty where the problem has no such place. The columns of a key are parted by commas.
    row : int or None
        Row of the file as a person counts it: the header is row 1, the first data row is row 2.
    value : str
        What stands there, shortened to 80 characters.
    rule : str
        Machine name of the rule that is broken, such as ``missing_value`` or ``unknown_reference``.
    message, cure : str
        What is wrong, and what to do, in the user's language.
    severity : str
        ``error`` stops the run, ``warning`` does not.
    guess : str
        What was probably meant, where something is near; the cure names it too.
    rows : int
        How many rows it stands for: one that has no row of its own stands for all that are not listed.
    """

    table: str
    file: str
    row: int | None
    column: str
    value: str
    rule: str
    message: str
    cure: str
    severity: str = "error"
    guess: str = ""
    rows: int = 1

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as a plain dict, for ``--json``."""
        return asdict(self)


class JointplanError(Exception):
    """The root of every error raised on purpose: one sentence, and a cure."""

    exit_code = 1

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message} {self.cure}".strip()


class UsageError(JointplanError):
    """The command or the call was made wrongly."""

    exit_code = 2


class DataError(JointplanError):
    """The input has problems; all of them are in ``issues``."""

    def __init__(self, message: str, cure: str = "", issues: Sequence[DataIssue] = ()) -> None:
        super().__init__(message, cure)
        self.issues = tuple(issues)


class WorkspaceError(JointplanError):
    """The folder cannot be read or written: missing, full, locked or changing."""


class NoResultError(JointplanError):
    """The input is sound, yet nothing could be computed from it."""

    exit_code = 3
